namespace SkTuning.Tool.Hosting;

/// <summary>The exit codes of the sktuning command. An interrupted command exits with <see cref="Interruption.ExitCode"/> instead.</summary>
internal static class ExitCodes
{
    public const int Success = 0, Failure = 1, IncorrectUsage = 2;
}
