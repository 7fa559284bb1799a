using SkTuning.Batches;
using SkTuning.Metrics;

namespace SkTuning.OnnxRuntime;

/// <summary>Collects the outputs of batches in the order of rows.</summary>
/// <param name="rows">The number of rows.</param>
internal sealed class RowTable(int rows)
{
    private float[]? _values;
    private int _width;

    /// <summary>Puts the rows of an output in their places.</summary>
    public void Put(int[] places, (float[] Values, int Width) output, string file)
    {
        _values ??= new float[rows * (_width = output.Width)];
        var expected = places.Length * _width;
        if (output.Width != _width || output.Values.Length != expected)
            throw SkTuningException.BadFile(file, null, $"an output of {output.Values.Length} numbers", $"{expected}", "Export it again.");
        for (var r = 0; r < places.Length; r++) output.Values.AsSpan(r * _width, _width).CopyTo(_values.AsSpan(places[r] * _width));
    }

    /// <summary>Returns the values of rows: of one that was read in windows, their mean.</summary>
    public FeatureRows OfRows(IReadOnlyList<EncodedRow> read)
    {
        var all = new FeatureRows(_values!, _width);
        if (read.All(r => r.Windows is null)) return all;
        var (means, at) = (new float[read.Sum(r => r.Answers) * _width], 0);
        for (int r = 0, answer = 0; r < read.Count; r++)
        {
            var (count, sum) = (read[r].Sequences.Count, new double[_width]);
            if (read[r].Windows is null)
            {
                all.Values.AsSpan(at * _width, read[r].Answers * _width).CopyTo(means.AsSpan(answer * _width));
                (at, answer) = (at + read[r].Answers, answer + read[r].Answers);
                continue;
            }
            for (var w = 0; w < count; w++, at++)
                for (var c = 0; c < _width; c++) sum[c] += all[at][c];
            for (var c = 0; c < _width; c++) means[answer * _width + c] = (float)(sum[c] / count);
            answer++;
        }
        return new(means, _width);
    }
}
