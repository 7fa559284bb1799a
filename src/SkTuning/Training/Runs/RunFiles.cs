namespace SkTuning.Training.Runs;

/// <summary>The names of the files and folders in a run folder.</summary>
internal static class RunFiles
{
    /// <summary>The settings of the run, which mark the folder as a run folder.</summary>
    public const string Config = "config.json";

    /// <summary>The machine and the libraries.</summary>
    public const string Environment = "environment.json";

    /// <summary>One line for each step and each epoch.</summary>
    public const string Metrics = "metrics.jsonl";

    /// <summary>The last checkpoint.</summary>
    public const string Checkpoint = "checkpoint.safetensors";

    /// <summary>The folder of TensorBoard's event files.</summary>
    public const string Events = "tensorboard";

    /// <summary>The predictions for the dev rows, at the end.</summary>
    public const string Predictions = "dev-predictions.jsonl";

    /// <summary>The report, at the end.</summary>
    public const string Report = "report.json";

    /// <summary>The folder of the adapter, at the end.</summary>
    public const string Adapter = "adapter";

    /// <summary>The file that the process that uses the folder locks.</summary>
    public const string Lock = "run.lock";

    /// <summary>The value of <c>format</c> in <see cref="Config"/>.</summary>
    public const string Format = "sktuning-run";
}
