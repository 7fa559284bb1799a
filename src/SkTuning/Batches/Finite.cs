using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace SkTuning.Batches;

/// <summary>
/// The one rule at every border between the model and what is reported, stored or loaded: numbers are finite, or there is an error that gives the reason.
/// </summary>
internal static class Finite
{
    /// <summary>The maximum number of values of a tensor whose bytes are a span.</summary>
    private const int MaxSpan = int.MaxValue / sizeof(float);

    /// <summary>Returns the reason why a model computes numbers that are not finite, with what to do about it.</summary>
    public static string Reason(bool computesInHalf) => computesInHalf
        ? "the model's states are not finite in Float16. Use BFloat16 or Float32."
        : "the model's states are not finite. The model or the adapter has weights that are not numbers, or that are too large.";

    /// <summary>Returns the error of a text whose scores are not finite.</summary>
    public static string TextError(bool computesInHalf) => $"The scores of the text are not finite numbers: {Reason(computesInHalf)}";

    /// <summary>True if every value is finite.</summary>
    public static bool All(ReadOnlySpan<float> values) => FiniteNumbers.All(values);

    /// <summary>True if every value of a tensor is finite; reads one value from its device.</summary>
    public static bool All(Tensor values)
    {
        if (values.NumberOfElements == 0) return true;
        using var off = no_grad();
        using var scope = NewDisposeScope();
        var isSpan = values.device.type == TorchSharp.DeviceType.CPU && values.dtype == ScalarType.Float32 && values.NumberOfElements <= MaxSpan;
        if (isSpan && values.is_contiguous()) return All(MemoryMarshal.Cast<byte, float>(values.bytes));
        return values.isfinite().all().item<bool>();
    }

    /// <summary>Returns whether all scores of each answer are finite, [M]; null if all of them are.</summary>
    /// <param name="scores">[M,..] on the CPU.</param>
    public static bool[]? Answers(Tensor scores)
    {
        if (All(scores)) return null;
        using var off = no_grad();
        using var scope = NewDisposeScope();
        return [.. scores.isfinite().view(scores.shape[0], -1).all(1).data<bool>()];
    }

    /// <summary>Refuses the scores of rows that must all be finite.</summary>
    /// <param name="scores">[M,..] on the CPU, in the order of the rows and of the answers in them.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="what">What the rows are, such as <c>dev rows</c>.</param>
    /// <param name="computesInHalf">True if the model computes in fp16.</param>
    /// <exception cref="SkTuningException">A score is not finite; the message says in how many rows, and why.</exception>
    public static void Require(Tensor scores, IReadOnlyList<EncodedRow> rows, string what, bool computesInHalf)
    {
        if (CountBad(scores, rows) is > 0 and var bad) throw Refused(bad, rows.Count, what, computesInHalf);
    }

    /// <summary>Returns the number of rows with a score that is not finite.</summary>
    /// <param name="scores">[M,..] on the CPU, in the order of the rows and of the answers in them.</param>
    /// <param name="rows">The rows.</param>
    public static int CountBad(Tensor scores, IReadOnlyList<EncodedRow> rows)
    {
        if (Answers(scores) is not { } finite) return 0;
        var (bad, at) = (0, 0);
        foreach (var row in rows)
        {
            if (finite.AsSpan(at, row.Answers).Contains(false)) bad++;
            at += row.Answers;
        }
        return bad;
    }

    /// <summary>Returns the exception for rows whose scores are not finite.</summary>
    public static SkTuningException Refused(int bad, int rows, string what, bool computesInHalf)
        => new($"The scores of {bad} of the {rows} {what} are not finite numbers: {Reason(computesInHalf)}");

    /// <summary>Refuses a stored tensor with a value that is not finite, by name.</summary>
    /// <exception cref="SkTuningFileException">A value is not finite.</exception>
    public static void Stored(Tensor values, string name, string file)
    {
        if (Found(values) is { } found) throw SkTuningException.BadFile(file, name, found, "finite numbers", "The file is damaged, or its training diverged.");
    }

    /// <summary>Refuses to store parameters with a value that is not finite, by name.</summary>
    /// <exception cref="SkTuningException">A value is not finite.</exception>
    public static void Trained(ParameterSet parameters)
    {
        if (All(parameters.Values)) return;
        var spec = parameters.Specs.First(s => !All(parameters[s.Name]));
        throw new SkTuningException($"The adapter cannot be saved: '{spec.Name}' is {Found(parameters[spec.Name])}, expected finite numbers.");
    }

    /// <summary>Returns the fault of a tensor: NaN or infinite values; null if all of them are finite.</summary>
    public static string? Found(Tensor values)
    {
        if (All(values)) return null;
        using var off = no_grad();
        using var scope = NewDisposeScope();
        return values.isnan().any().item<bool>() ? "not a number (NaN)" : "infinite";
    }
}
