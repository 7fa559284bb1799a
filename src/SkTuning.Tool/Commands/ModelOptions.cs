using System.CommandLine;
using System.CommandLine.Parsing;
using SkTuning.Exports;

namespace SkTuning.Tool.Commands;

/// <summary>The options that select and load a frozen model and start the native library.</summary>
internal sealed class ModelOptions
{
    /// <summary>The path of the model that is shipped with the tool.</summary>
    public static string Embedded => Path.Combine(AppContext.BaseDirectory, "assets", "models", "tiny");

    public static string EmbeddedRows(string split) => Path.Combine(AppContext.BaseDirectory, "assets", "data", "support", split + ".tsv");

    private readonly Option<string> _model = new("--model")
    {
        Description = "The frozen model: a Hugging Face model folder or a .gguf file. The default is the small embedded model.",
    };

    private readonly Option<string> _device = new("--device") { Description = "The device: auto, cpu, cuda or cuda:N.", DefaultValueFactory = _ => "auto" };

    private readonly Option<Precision> _precision = new("--precision")
    {
        Description = "The number format of matrix products: Float32, BFloat16, Float16 or Auto. " +
            "Auto selects BFloat16 if the processor or GPU has instructions for it.",
        DefaultValueFactory = _ => Precision.Float32,
    };

    private readonly Option<int> _threads = new("--threads") { Description = "The number of threads per operation, at most 1024. With 0, one per core." };
    private readonly Option<bool> _copy = new("--copy-weights")
    {
        Description = "Copy the weights instead of mapping the file, in case the file changes while it is in use.",
    };

    private readonly Option<bool> _keep = new("--keep-quantized")
    {
        Description = "Keep the weights of a GGUF file quantized and dequantize them for each matrix product. Uses less memory but is slower.",
    };

    private readonly Option<ulong?> _random = new("--random-base")
    {
        Description = "For ablations: replace all weights of the checkpoint with random ones from this seed. Adapters treat the result as a different base.",
    };

    /// <summary>Loads the adapter exported to the model's folder for ONNX Runtime; null if the model is no export.</summary>
    public OnnxAdapter? LoadExport(ParseResult parsed)
        => GivenPath(parsed) is { } folder && ExportFolder.IsExport(folder) ? OnnxAdapter.Load(folder, new() { Threads = parsed.GetValue(_threads) }) : null;

    /// <summary>Requires an adapter's folder, unless the model is an exported folder, which has its own adapter.</summary>
    public void RequireAdapter(CommandResult result, Option<string?> adapter)
    {
        var (isGiven, isExport) = (result.GetValue(adapter) is not null, result.GetValue(_model) is { } folder && ExportFolder.IsExport(folder));
        if (isGiven && isExport) result.AddError($"--model {result.GetValue(_model)} is an exported folder, which has its own adapter: omit --adapter.");
        if (!isGiven && !isExport) result.AddError("Option '--adapter' is required.");
    }

    public ModelOptions AddTo(Command command, bool withModel = true)
    {
        if (withModel) command.Add(_model);
        _threads.AddRule(result =>
        {
            if (result.GetValue(_threads) is var threads && threads is < 0 or > RuntimeSettings.MaxThreads)
                result.AddError($"--threads {threads}: expected a number from 0 to {RuntimeSettings.MaxThreads}.");
        });
        foreach (var option in (Option[])[_device, _precision, _threads, _copy, _keep, _random]) command.Add(option);
        return this;
    }

    public bool IsGiven(ParseResult parsed) => GivenPath(parsed) is not null;

    /// <summary>The model that was specified; null if none was.</summary>
    public string? GivenPath(ParseResult parsed) => parsed.GetValue(_model);

    public void Start(ParseResult parsed) => RuntimeSettings.Start(parsed.GetValue(_threads), fast: true);

    public FrozenModel Load(ParseResult parsed)
    {
        Start(parsed);
        return FrozenModel.Load(parsed.GetValue(_model) ?? Embedded, new()
        {
            Device = parsed.GetValue(_device)!,
            Precision = parsed.GetValue(_precision),
            CopyWeights = parsed.GetValue(_copy),
            KeepQuantized = parsed.GetValue(_keep),
            RandomWeights = parsed.GetValue(_random),
        });
    }
}
