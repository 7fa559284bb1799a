using System.Threading.Channels;

namespace SkTuning.Tool.Hosting;

/// <summary>
/// Reads lines on a thread of its own: a read from a terminal or a pipe cannot be canceled, but waiting for its result can. The thread does not keep the
/// process alive.
/// </summary>
internal static class InputLines
{
    private const int ReadAhead = 512;

    /// <summary>Returns the lines of a reader, such as standard input.</summary>
    public static IAsyncEnumerable<string> Of(TextReader reader, CancellationToken cancellationToken)
    {
        var lines = Channel.CreateBounded<string>(new BoundedChannelOptions(ReadAhead) { SingleReader = true, SingleWriter = true });
        new Thread(() => Read(reader, lines.Writer)) { IsBackground = true, Name = "standard input" }.Start();
        return lines.Reader.ReadAllAsync(cancellationToken);
    }

    private static void Read(TextReader reader, ChannelWriter<string> lines)
    {
        try
        {
            while (reader.ReadLine() is { } line)
                if (!lines.TryWrite(line)) lines.WriteAsync(line).AsTask().GetAwaiter().GetResult();
            lines.Complete();
        }
        catch (Exception e) { lines.Complete(e); }
    }
}
