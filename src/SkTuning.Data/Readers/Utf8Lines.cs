using System.Text;

namespace SkTuning.Data;

/// <summary>
/// The lines of a UTF-8 file, one in memory at a time. Only LF or CRLF ends a line: a text can contain Unicode's other separators. Bytes are checked when
/// the text of a line is requested, so that an invalid line can be reported and skipped.
/// </summary>
internal sealed class Utf8Lines : IDisposable
{
    /// <summary>The maximum length of a line or record, in bytes or characters: far above any text, far below what would exhaust memory.</summary>
    public const int MaxLength = 16 << 20;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string _path;
    private readonly Stream _stream;
    private readonly bool _holdsAnyText;
    private byte[] _buffer = new byte[1 << 16];
    private int _start, _length, _next, _end;   // the line, the start of the next one, and the end of the bytes read so far

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="holdsAnyText">Whether the file can begin with any text, also with that of a web page.</param>
    public Utf8Lines(string path, bool holdsAnyText = false)
        : this(InputFile.Open(path, bufferSize: 0, FileOptions.SequentialScan, FileShare.Read), path) => _holdsAnyText = holdsAnyText;

    /// <summary>Reads a stream, which is closed at the end.</summary>
    public Utf8Lines(Stream stream, string name) => (_stream, _path, _holdsAnyText) = (stream, name, true);

    /// <summary>The number of the line, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>Whether a line feed follows the line. Only the last line can lack one.</summary>
    public bool Ended { get; private set; }

    public bool IsBlank => Bytes.IsEmpty;

    /// <summary>Whether the line contains only spaces and tabs.</summary>
    public bool IsWhiteSpace => !Bytes.ContainsAnyExcept(" \t"u8);

    /// <summary>Whether the line ends in a carriage return (which is not part of its text).</summary>
    public bool HasReturn => _length > 0 && _buffer[_start + _length - 1] == (byte)'\r';

    private ReadOnlySpan<byte> Bytes => _buffer.AsSpan(_start, _length - (HasReturn ? 1 : 0));

    /// <summary>Moves to the next line; false at the end. No empty line follows a final line feed.</summary>
    public bool Next()
    {
        _start = _next;
        var searched = _start;
        int feed;
        while ((feed = _buffer.AsSpan(searched, _end - searched).IndexOf((byte)'\n')) < 0)
        {
            var read = _end - _start;
            if (read > MaxLength)
                throw SkTuningException.BadFile(_path, $"line {Number + 1}", $"longer than {MaxLength >> 20} MiB", "a line of text", "Is this a text file?");
            var more = Fill();
            searched = _start + read;
            if (more) continue;
            return read > 0 ? Found(read, ended: false) : Finished();
        }
        return Found(searched + feed - _start, ended: true);
    }

    /// <summary>Returns the line without its line ending.</summary>
    /// <exception cref="SkTuningException">The line is not UTF-8.</exception>
    public string Text()
    {
        try { return Strict.GetString(Bytes); }
        catch (DecoderFallbackException e)
        {
            var bytes = string.Join(' ', e.BytesUnknown?.Select(b => b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture)) ?? []);
            throw SkTuningException.BadFile(_path, $"line {Number}", $"not UTF-8 (byte {bytes} at {e.Index + 1})", "UTF-8 text", "Save the file as UTF-8.", e);
        }
    }

    /// <summary>Returns the line with U+FFFD for bytes that are not UTF-8: for reports only.</summary>
    public string LossyText() => Encoding.UTF8.GetString(Bytes);

    public void Dispose() => _stream.Dispose();

    private bool Finished()
    {
        (_next, _length) = (_start, 0);
        return false;
    }

    private bool Found(int length, bool ended)
    {
        (_length, _next, Ended) = (length, _start + length + (ended ? 1 : 0), ended);
        if (Number == 0) CheckStart();
        if (++Number == 1 && _buffer.AsSpan(_start, length).StartsWith(Encoding.UTF8.Preamble)) (_start, _length) = (_start + 3, length - 3);
        return true;
    }

    /// <summary>Refuses a file that is in another encoding, or that only stands for the real one.</summary>
    private void CheckStart()
    {
        var start = _buffer.AsSpan(0, Math.Min(_end, 1024));
        if (!_holdsAnyText || start.StartsWith("version https://git-lfs"u8)) InputFile.RefuseSubstitute(_path, start);
        var encoding = start switch
        {
            [0xFF, 0xFE, 0, 0, ..] or [0, 0, 0xFE, 0xFF, ..] => "UTF-32",
            [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] or [not 0, 0, not 0, 0, ..] or [0, not 0, 0, not 0, ..] => "UTF-16",
            _ => null,
        };
        if (encoding is not null) throw SkTuningException.BadFile(_path, null, $"{encoding} text", "UTF-8 text", "Save the file as UTF-8.");
    }

    /// <summary>Reads more bytes, after moving the unfinished line to the front of the buffer or enlarging the buffer.</summary>
    private bool Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        if (_end == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
        var read = FileAccessErrors.Explain(_path, () => _stream.Read(_buffer, _end, _buffer.Length - _end));
        _end += read;
        return read > 0;
    }
}
