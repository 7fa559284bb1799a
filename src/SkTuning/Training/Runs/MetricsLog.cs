using System.Text.Json;

namespace SkTuning.Training.Runs;

/// <summary>
/// Writes metrics.jsonl, with one line for each event. Each line is written in one piece. Lines that cannot be written, for instance because the disk is full,
/// are kept and written with a later one.
/// </summary>
internal sealed class MetricsLog : IDisposable
{
    private const int MaxPending = 1 << 24;

    private readonly FileStream _file;
    private readonly MemoryStream _line = new();

    /// <summary>Opens the file.</summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="length">The number of bytes to keep: those before the checkpoint.</param>
    public MetricsLog(string folder, long length)
    {
        _file = FolderFile.Open(Path.Combine(folder, RunFiles.Metrics), FileShare.Read);
        Length = Math.Clamp(length, 0, _file.Length);
    }

    /// <summary>The number of bytes of whole lines in the file.</summary>
    public long Length { get; private set; }

    public void Step(TrainingProgress p) => Write("step", json =>
    {
        json.WriteNumber("step", p.Step);
        json.WriteNumber("epoch", p.Epoch);
        Number(json, "loss", p.Loss);
        Number(json, "learningRate", p.LearningRate);
        Number(json, "gradientNorm", p.GradientNorm);
        Number(json, "tokensPerSecond", p.TokensPerSecond);
        Number(json, "elapsed", p.Elapsed.TotalSeconds);
    });

    public void Epoch(EpochResult e, int step, string metric, double elapsed) => Write("epoch", json =>
    {
        json.WriteNumber("epoch", e.Epoch);
        json.WriteNumber("step", step);
        Number(json, "trainLoss", e.TrainLoss);
        Number(json, "devLoss", e.DevLoss);
        Number(json, "devScore", e.DevScore);
        json.WriteString("metric", metric);
        json.WriteBoolean("best", e.IsBest);
        Number(json, "elapsed", elapsed);
    });

    private void Write(string name, Action<Utf8JsonWriter> write)
    {
        if (_line.Length > MaxPending) _line.SetLength(0);
        using (var json = new Utf8JsonWriter(_line))
        {
            json.WriteStartObject();
            json.WriteString("event", name);
            write(json);
            json.WriteEndObject();
        }
        _line.WriteByte((byte)'\n');
        Flush();
    }

    /// <summary>Writes the lines that are not written yet.</summary>
    /// <exception cref="IOException">They cannot be written; they are kept.</exception>
    public void Flush()
    {
        if (_line.Length == 0) return;
        // What follows was written after the checkpoint, or by a write that failed within a line.
        if (_file.Length != Length) _file.SetLength(Length);
        _file.Position = Length;
        _file.Write(_line.GetBuffer(), 0, (int)_line.Length);
        Length += _line.Length;
        _line.SetLength(0);
    }

    /// <summary>Writes a number; null if it is NaN or infinite, which JSON cannot express.</summary>
    private static void Number(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value)) json.WriteNumber(name, value);
        else json.WriteNull(name);
    }

    public void Dispose() => _file.Dispose();
}
