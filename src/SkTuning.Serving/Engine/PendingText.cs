using System.Diagnostics;
using SkTuning.Adapters;
using SkTuning.Classifiers;

namespace SkTuning.Serving;

/// <summary>A text that was accepted and waits for its prediction.</summary>
/// <param name="held">The version of the adapter that answers it.</param>
/// <param name="adapter">That adapter.</param>
/// <param name="text">The text as the adapter reads it.</param>
/// <param name="call">The activity of its call; null if nobody listens.</param>
internal sealed class PendingText(HeldAdapter held, TunedAdapter adapter, PreparedText text, Activity? call = null)
    : TaskCompletionSource<TaskPrediction>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    private long _start = Stopwatch.GetTimestamp();
    private int _ended;

    public HeldAdapter Held => held;

    public TunedAdapter Adapter => adapter;

    public PreparedText Text => text;

    /// <summary>The number of tokens of its longest sequence.</summary>
    public int Length => text.Encoded.Ids.Length;

    /// <summary>The number of tokens of all of its sequences.</summary>
    public int Tokens => text.Encoded.Tokens;

    /// <summary>What adapters in its batch must have in common; null if it is predicted with other texts of its adapter only.</summary>
    public SharingKey? Key { get; } = text.Encoded.Windows is null ? held.Key : null;

    public Activity? Call => call;

    /// <summary>The time since it was accepted.</summary>
    public TimeSpan Age => Stopwatch.GetElapsedTime(_start);

    /// <summary>Its place in its lane; null before it is in the queue.</summary>
    public LinkedListNode<PendingText>? Node { get; set; }

    /// <summary>Returns true the first time: whoever gets it ends the text and unpins its adapter.</summary>
    public bool TryEnd() => Interlocked.Exchange(ref _ended, 1) == 0;

    /// <summary>Its place in the order of service, which the queue gives out.</summary>
    public long Turn { get; private set; }

    /// <summary>Starts to count its age.</summary>
    public void Accepted(long turn) => (Turn, _start) = (turn, Stopwatch.GetTimestamp());
}
