using System.Text.Json;

namespace SkTuning.Training.Runs;

/// <summary>
/// Writes metrics.jsonl, with one line for each event. Each line is written in one piece. The open file also keeps other processes out of the folder.
/// </summary>
internal sealed class MetricsLog : IDisposable
{
    private readonly FileStream _file;
    private readonly MemoryStream _line = new();

    /// <summary>Opens the file.</summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="length">The number of bytes to keep: those before the checkpoint.</param>
    public MetricsLog(string folder, long length)
    {
        _file = new(Path.Combine(folder, RunFiles.Metrics), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        _file.SetLength(Math.Min(length, _file.Length));
        _file.Seek(0, SeekOrigin.End);
    }

    /// <summary>The present length of the file in bytes.</summary>
    public long Length => _file.Length;

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
        _line.SetLength(0);
        using (var json = new Utf8JsonWriter(_line))
        {
            json.WriteStartObject();
            json.WriteString("event", name);
            write(json);
            json.WriteEndObject();
        }
        _line.WriteByte((byte)'\n');
        _file.Write(_line.GetBuffer(), 0, (int)_line.Length);
    }

    /// <summary>Writes a number; null if it is NaN or infinite, which JSON cannot express.</summary>
    private static void Number(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value)) json.WriteNumber(name, value);
        else json.WriteNull(name);
    }

    public void Dispose() => _file.Dispose();
}
