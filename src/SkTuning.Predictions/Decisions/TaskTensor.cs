namespace SkTuning.Tasks;

/// <summary>A tensor that a task stores with an adapter.</summary>
/// <param name="Name">The name in the file.</param>
/// <param name="Shape">The shape.</param>
/// <param name="Values">The values, in row-major order.</param>
internal sealed record TaskTensor(string Name, long[] Shape, float[] Values)
{
    /// <summary>The start of the names.</summary>
    public const string Prefix = "task.";
}
