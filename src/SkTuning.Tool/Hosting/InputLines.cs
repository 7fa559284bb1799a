using System.Threading.Channels;

namespace SkTuning.Tool.Hosting;

/// <summary>
/// Reads lines on a thread of its own: a read from a terminal or a pipe cannot be canceled, but waiting for its result can. The thread does not keep the
/// process alive.
/// </summary>
internal static class InputLines
{
    private const int ReadAhead = 512;

    /// <summary>Returns what a source yields that may block, such as the lines of standard input.</summary>
    public static IAsyncEnumerable<T> Of<T>(IEnumerable<T> source, CancellationToken cancellationToken)
    {
        var items = Channel.CreateBounded<T>(new BoundedChannelOptions(ReadAhead) { SingleReader = true, SingleWriter = true });
        new Thread(() => Read(source, items.Writer)) { IsBackground = true, Name = "standard input" }.Start();
        return items.Reader.ReadAllAsync(cancellationToken);
    }

    private static void Read<T>(IEnumerable<T> source, ChannelWriter<T> items)
    {
        try
        {
            foreach (var item in source)
                if (!items.TryWrite(item)) items.WriteAsync(item).AsTask().GetAwaiter().GetResult();
            items.Complete();
        }
        catch (Exception e) { items.Complete(e); }
    }
}
