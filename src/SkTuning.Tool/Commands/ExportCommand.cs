using System.CommandLine;
using System.Text.Json.Nodes;
using SkTuning.Exports;
using SkTuning.Onnx;
using SkTuning.Tool.Hosting;
using SkTuning.Tool.Output;

namespace SkTuning.Tool.Commands;

/// <summary>Writes an adapter with its model for ONNX Runtime.</summary>
internal static class ExportCommand
{
    private static readonly OnnxPrecision[] Precisions = [OnnxPrecision.Float32, OnnxPrecision.Float16, OnnxPrecision.Int8];

    public static Command Create()
    {
        var command = new Command("export", """
            Write an adapter with its model for ONNX Runtime: a folder that predicts without libtorch.

            Examples:
              sktuning export --onnx exported --adapter my-adapter
              sktuning export --onnx exported --adapter sentiment --precision int8
              sktuning predict --model exported "where is my parcel?"
            """);
        var target = new Option<string>("--onnx") { Description = "The folder to write to: a new one, or an export to replace.", Required = true };
        var adapter = new Option<string>("--adapter") { Description = "The adapter folder.", Required = true };
        var model = new Option<string?>("--model")
        {
            Description = "The frozen model: a Hugging Face model folder, a .gguf file, or the name of a downloaded model (org/name). "
                + "The default is the model that "
                + "the adapter was trained on.",
        };
        var precision = new Option<string>("--precision")
        {
            Description = "How weights are stored: fp32, fp16 or int8. int8 is the smallest and fastest, and predictions differ a little.",
            DefaultValueFactory = _ => ExportedAdapter.Precisions[0],
        };
        precision.AcceptOnlyFromAmong([.. ExportedAdapter.Precisions]);
        var shared = new Option<bool>("--shared")
        {
            Description = "Keep the adapter apart from the weights, so that the model also runs other adapters of the same method, rank and head.",
        };
        var only = new Option<bool>("--adapter-only")
        {
            Description = "Write the adapter without the model, for a model that was exported with --shared: predict --model SHARED --adapter FOLDER.",
        };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON." };
        foreach (var option in (Option[])[target, adapter, model, precision, shared, only, json]) command.Add(option);
        command.SetAction(parsed =>
        {
            RuntimeSettings.Start(0, fast: true);
            var (given, source) = (parsed.GetValue(model), parsed.GetValue(adapter)!);
            using var loaded = ModelOptions.Load(given, given is null ? RememberedBase.Of(source) : null, announcesDemo: true, new() { Device = "cpu" });
            using var tuned = TunedAdapter.Load(source, loaded);
            var (folder, stored) = (parsed.GetValue(target)!, parsed.GetValue(precision)!);
            if (parsed.GetValue(only)) OnnxExport.WriteAdapter(tuned, folder);
            else
            {
                OnnxExport.Write(tuned, folder,
                    new() { Precision = Precisions[ExportedAdapter.Precisions.ToList().IndexOf(stored)], AdapterAsInputs = parsed.GetValue(shared) });
            }
            var bytes = Directory.GetFiles(folder).Sum(f => new FileInfo(f).Length);
            var result = new JsonObject { ["folder"] = folder, ["task"] = tuned.Task.Name, ["precision"] = stored, ["bytes"] = bytes };
            if (parsed.GetValue(json)) Screen.Json(result);
            else Screen.Line(FormattableString.Invariant($"Exported to {folder} ({stored}, {bytes / 1e6:F1} MB)"));
            return ExitCodes.Success;
        });
        return command;
    }
}
