using System.CommandLine;

namespace SkTuning.Tool.Commands;

/// <summary>The options that pick and load a frozen model, and start the native library.</summary>
internal sealed class ModelOptions
{
    /// <summary>The model that travels with the tool.</summary>
    public static string Embedded => Path.Combine(AppContext.BaseDirectory, "assets", "models", "tiny");

    public static string EmbeddedRows(string split) => Path.Combine(AppContext.BaseDirectory, "assets", "data", "support", split + ".tsv");

    private readonly Option<string> _model = new("--model") { Description = "The frozen model: a folder in Hugging Face's layout, or a .gguf file. Default: the small model that comes along." };
    private readonly Option<string> _device = new("--device") { Description = "auto, cpu, cuda or cuda:N.", DefaultValueFactory = _ => "auto" };
    private readonly Option<Precision> _precision = new("--precision") { Description = "Number format of the matrix products: Float32, BFloat16, Float16 or Auto, which takes BFloat16 where the processor or GPU has instructions for it.", DefaultValueFactory = _ => Precision.Float32 };
    private readonly Option<int> _threads = new("--threads") { Description = "Threads within an operation; 0: one per core." };
    private readonly Option<bool> _copy = new("--copy-weights") { Description = "Copy the weights instead of mapping the file, where it may change while in use." };
    private readonly Option<bool> _keep = new("--keep-quantized") { Description = "Keep the quantised blocks of a GGUF file and expand them for each product: little memory, slower." };

    private readonly Option<ulong?> _random = new("--random-base") { Description = "Ablation: start all weights at random from this seed in place of the checkpoint's; another base for adapters." };

    public ModelOptions AddTo(Command command, bool withModel = true)
    {
        if (withModel) command.Add(_model);
        foreach (var option in (Option[])[_device, _precision, _threads, _copy, _keep, _random]) command.Add(option);
        return this;
    }

    public bool IsGiven(ParseResult parsed) => parsed.GetValue(_model) is not null;

    public void Start(ParseResult parsed) => RuntimeSettings.Start(parsed.GetValue(_threads), fast: true);

    public FrozenModel Load(ParseResult parsed)
    {
        Start(parsed);
        return FrozenModel.Load(parsed.GetValue(_model) ?? Embedded, new() { Device = parsed.GetValue(_device)!, Precision = parsed.GetValue(_precision), CopyWeights = parsed.GetValue(_copy), KeepQuantized = parsed.GetValue(_keep), RandomWeights = parsed.GetValue(_random) });
    }
}
