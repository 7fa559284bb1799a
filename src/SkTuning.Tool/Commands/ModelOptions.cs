using System.CommandLine;
using System.CommandLine.Parsing;
using SkTuning.Adapters;
using SkTuning.Exports;
using SkTuning.Hub;
using SkTuning.Tool.Output;

namespace SkTuning.Tool.Commands;

/// <summary>The options that select and load a frozen model and start the native library.</summary>
internal sealed class ModelOptions
{
    /// <summary>The path of the model that is shipped with the tool.</summary>
    public static string Embedded => TinyModel.Folder;

    public static string EmbeddedRows(string split) => Path.Combine(AppContext.BaseDirectory, "assets", "data", "support", split + ".tsv");

    private readonly Option<string> _model = new("--model")
    {
        Description = "The frozen model: a Hugging Face model folder, a .gguf file, or the name of a downloaded model (org/name). "
            + "The default is the model that "
            + "the adapter was trained on; for training, the bundled demo model (6.5 M parameters), which is for trying the tool, not for real work.",
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

    /// <summary>Loads the adapter exported to the model's folder for ONNX Runtime, or another one on that model; null if the model is no export.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="adapter">The folder of the other adapter; null for the model's own.</param>
    public OnnxAdapter? LoadExport(ParseResult parsed, string? adapter)
    {
        if (GivenPath(parsed) is not { } folder || !ExportFolder.IsExport(folder)) return null;
        var own = OnnxAdapter.Load(folder, new() { Threads = parsed.GetValue(_threads) });
        if (adapter is null) return own;
        using (own) return own.WithAdapter(adapter);
    }

    /// <summary>
    /// Requires an adapter's folder, unless the model is an exported folder, which has its own adapter and runs only others that were exported for it.
    /// </summary>
    public void RequireAdapter(CommandResult result, Option<string?> adapter)
    {
        var (isGiven, isExport) = (result.GetValue(adapter) is not null, result.GetValue(_model) is { } folder && ExportFolder.IsExport(folder));
        if (isGiven && isExport && !ExportFolder.IsAdapter(result.GetValue(adapter)!))
        {
            result.AddError($"--model {result.GetValue(_model)} is an exported folder, which has its own adapter: omit --adapter, or specify one that "
                + "'sktuning export --adapter-only' wrote.");
        }
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

    /// <summary>Returns the options that a later command for an adapter needs: none if the adapter remembers its base.</summary>
    public string[] ToRepeat(ParseResult parsed, string adapter)
        => GivenPath(parsed) is { } path && AdapterFolder.ReadFile(adapter).BaseSource is null ? [_model.Name, path] : [];

    public void Start(ParseResult parsed) => RuntimeSettings.Start(parsed.GetValue(_threads), fast: true);

    /// <summary>Loads the model that was specified; otherwise the base that an adapter remembers; otherwise the demo model.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="adapter">The folder of the adapter that the command is for; null if there is none.</param>
    public FrozenModel Load(ParseResult parsed, string? adapter = null)
        => Load(parsed, IsGiven(parsed) || adapter is null ? null : RememberedBase.Of(adapter));

    /// <summary>Loads the model that was specified; otherwise the base of the adapters in the folder of a server; otherwise the demo model.</summary>
    public FrozenModel LoadFor(ParseResult parsed, string adapters) => Load(parsed, IsGiven(parsed) ? null : RememberedBase.OfAll(adapters));

    private FrozenModel Load(ParseResult parsed, RememberedBase? remembered)
    {
        Start(parsed);
        return Load(GivenPath(parsed), remembered, announcesDemo: parsed.CommandResult.Command.Options.Contains(_model), new()
        {
            Device = parsed.GetValue(_device)!,
            Precision = parsed.GetValue(_precision),
            CopyWeights = parsed.GetValue(_copy),
            KeepQuantized = parsed.GetValue(_keep),
            RandomWeights = parsed.GetValue(_random),
        });
    }

    /// <summary>Loads the model that was specified; otherwise a remembered one; otherwise the demo model. Says which, unless it was specified.</summary>
    internal static FrozenModel Load(string? given, RememberedBase? remembered, bool announcesDemo, FrozenModelOptions options)
    {
        if (given is not null) return FrozenModel.Load(Located(given), options);
        if (remembered is not null)
        {
            Console.Error.WriteLine($"Model: {remembered.Name}, on which the adapter was trained.");
            return FrozenModel.Load(remembered.Path, options);
        }
        var loaded = FrozenModel.Load(Embedded, options);
        if (announcesDemo) DemoModel.Announce(loaded);
        return loaded;
    }

    /// <summary>Returns a path, or the folder of a downloaded model if its name on the hub was specified.</summary>
    private static string Located(string model)
    {
        if (File.Exists(model) || Directory.Exists(model) || model.Count(c => c == '/') != 1 || !HubRepository.IsName(model)) return model;
        return HubSnapshot.Find(model) ?? throw new SkTuningException($"--model {model}: found neither a folder of this name nor a downloaded model. "
            + $"Check the path; or, if it is the name of a model on the hub, download it first: sktuning model get {model}");
    }
}
