using SkTuning.Batches;
using SkTuning.Native;

namespace SkTuning.Pretraining;

/// <summary>
/// What a new model of units needs beside the activations of its layers: its weights, all of which are trained, and the scores of all units. On a CPU, a
/// process that runs out of memory is ended.
/// </summary>
/// <param name="weights">The number of weights.</param>
/// <param name="vocabulary">The number of scores of a token.</param>
/// <param name="available">The available memory in bytes.</param>
internal sealed class UnitModelMemory(long weights, int vocabulary, long available)
{
    /// <summary>Of each weight: the base's, the trained one, its gradient, two means of the optimizer, and the best one so far.</summary>
    private const int BytesPerWeight = 6 * sizeof(float);

    /// <summary>Of each score: itself, its logarithm, and the gradients of both.</summary>
    private const int BytesPerScore = 4 * sizeof(float);

    /// <summary>The fraction that scores may take; the plan of the training loop divides the rest.</summary>
    private const double FractionForScores = 0.2;

    /// <summary>The memory that is available now.</summary>
    /// <param name="weights">The number of weights.</param>
    /// <param name="vocabulary">The number of scores of a token.</param>
    public static UnitModelMemory Now(long weights, int vocabulary) => new(weights, vocabulary, MachineMemory.Available());

    /// <summary>Refuses a model that does not fit.</summary>
    /// <exception cref="SkTuningException">It does not fit.</exception>
    public void Check()
    {
        if ((double)weights * BytesPerWeight <= available) return;
        throw new SkTuningException(FormattableString.Invariant($"The model would have {weights:N0} parameters, and training it takes ")
            + FormattableString.Invariant($"{(double)weights * BytesPerWeight / 1e9:F1} GB of memory, but {available / 1e9:F1} GB are available. ")
            + $"Lower {nameof(UnitModelOptions)}.{nameof(UnitModelOptions.Layers)} or {nameof(UnitModelOptions)}.{nameof(UnitModelOptions.Hidden)}.");
    }

    /// <summary>Returns the number of rows whose scores fit at the same time, at least 1; null if those of a batch do.</summary>
    /// <param name="rows">The training rows.</param>
    /// <param name="batchSize">The number of rows per step.</param>
    public int? RowsAtOnce(IEnumerable<EncodedRow> rows, int batchSize)
    {
        var row = (long)rows.Max(r => r.Ids.Length) * vocabulary * BytesPerScore;
        var fitting = Math.Max(1, (long)(FractionForScores * available) / row);
        return fitting < batchSize ? (int)fitting : null;
    }
}
