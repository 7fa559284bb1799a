using SkTuning.Batches;

namespace SkTuning.Classifiers;

/// <summary>A text as an adapter reads it.</summary>
/// <param name="Row">The row of the adapter's task.</param>
/// <param name="Encoded">Its tokens.</param>
internal sealed record PreparedText(object Row, EncodedRow Encoded);
