using SkTuning.Batches;
using SkTuning.Training;
using static TorchSharp.torch;

namespace SkTuning.Tests.Training;

/// <summary>Adafactor against its definition (arXiv 1804.04235, algorithms 4 and 5 without relative steps), written with loops in double precision.</summary>
public sealed class AdafactorTests
{
    [Fact]
    public void The_first_step_of_a_vector_is_the_sign_of_the_gradient_times_the_size_of_the_vector()
    {
        using var scope = NewDisposeScope();
        using var set = Set([4], [3, -4, 0, 5]);                               // a root mean square of √(50 / 4) = 3.5355
        using var optimizer = new Adafactor(set, 0);
        set.Gradients.copy_(tensor((float[])[0.1f, -20, 3, -0.001f]));
        optimizer.Step(0.01, 0);
        Fixtures.AssertClose(tensor((float[])[3 - 0.035355f, -4 + 0.035355f, -0.035355f, 5 + 0.035355f]), set.Values, "values", 1e-6);
    }

    [Fact]
    public void The_size_of_a_tensor_counts_as_at_least_a_thousandth()
    {
        using var scope = NewDisposeScope();
        using var set = Set([2], [0, 0]);
        using var optimizer = new Adafactor(set, 0);
        set.Gradients.copy_(tensor((float[])[7, -7]));
        optimizer.Step(0.5, 0);
        Fixtures.AssertClose(tensor((float[])[-0.0005f, 0.0005f]), set.Values, "values", 1e-8);
    }

    [Theory, InlineData(0.0), InlineData(0.1)]
    public void Steps_are_those_of_the_definition_for_vectors_matrices_and_stacks_of_them(double weightDecay)
    {
        using var scope = NewDisposeScope();
        long[][] shapes = [[5], [3, 4], [2, 3, 2]];
        var random = new Generator(3);
        var starts = shapes.Select(s => randn(s, generator: random).data<float>().ToArray()).ToArray();
        using var set = new ParameterSet(shapes.Select((s, i) => new ParameterSpec($"t{i}", s, (values, _) => starts[i].CopyTo(values))
        {
            Group = i < 2 ? ParameterGroup.Adapter : ParameterGroup.Head,
        }), 1, CPU);
        using var optimizer = new Adafactor(set, weightDecay);
        Assert.Equal(5 + (3 + 4) + 2 * (3 + 2), optimizer.Moments.Single().Value.NumberOfElements);
        Direct[] direct = [.. shapes.Select((s, i) => new Direct(s, starts[i]))];
        for (var step = 1; step <= 6; step++)
        {
            var gradients = shapes.Select(s => (randn(s, generator: random) * 3).data<float>().ToArray()).ToArray();
            set.Gradients.copy_(tensor(gradients.SelectMany(g => g).ToArray()));
            optimizer.Step(0.03, 0.07);
            for (var i = 0; i < shapes.Length; i++) direct[i].Step(gradients[i], step, i < 2 ? 0.03 : 0.07, weightDecay);
        }
        Fixtures.AssertClose(tensor(direct.SelectMany(d => d.Values).Select(v => (float)v).ToArray()), set.Values, "values", 1e-5);
    }

    [Fact]
    public void Constants_are_neither_changed_nor_remembered()
    {
        using var scope = NewDisposeScope();
        using var set = new ParameterSet([new("a", [2], (v, _) => v.Fill(1)), new("c", [3], (v, _) => v.Fill(2)) { Group = ParameterGroup.Constant }], 1, CPU);
        using var optimizer = new Adafactor(set, 0);
        set.Gradients.fill_(1);
        optimizer.Step(0.1, 0.1);
        Assert.Equal(2, optimizer.Moments.Single().Value.NumberOfElements);
        Fixtures.AssertClose(tensor((float[])[0.9f, 0.9f, 2, 2, 2]), set.Values, "values", 1e-6);
    }

    private static ParameterSet Set(long[] shape, float[] start) => new([new("a", shape, (values, _) => start.CopyTo(values))], 1, CPU);

    /// <summary>One tensor, as [stack, rows, columns]; a vector is not factored.</summary>
    private sealed class Direct(long[] shape, float[] start)
    {
        private readonly int _rows = shape.Length > 1 ? (int)shape[^2] : 1, _columns = (int)shape[^1];
        private readonly double[] _second = new double[start.Length], _byRow = new double[start.Length], _byColumn = new double[start.Length];

        public double[] Values { get; } = [.. start.Select(v => (double)v)];

        public void Step(float[] gradient, int step, double rate, double weightDecay)
        {
            var decay = 1 - Math.Pow(step, -0.8);
            var (size, update) = (_rows * _columns, new double[gradient.Length]);
            for (var first = 0; first < gradient.Length; first += size)
            {
                var squares = Enumerable.Range(0, size).Select(k => Math.Pow(gradient[first + k], 2) + 1e-30).ToArray();
                for (var k = 0; k < size; k++) _second[first + k] = decay * _second[first + k] + (1 - decay) * squares[k];
                for (var r = 0; r < _rows; r++)
                    _byRow[first + r] = decay * _byRow[first + r] + (1 - decay) * Enumerable.Range(0, _columns).Average(c => squares[r * _columns + c]);
                for (var c = 0; c < _columns; c++)
                    _byColumn[first + c] = decay * _byColumn[first + c] + (1 - decay) * Enumerable.Range(0, _rows).Average(r => squares[r * _columns + c]);
                var mean = Enumerable.Range(0, _rows).Average(r => _byRow[first + r]);
                for (var k = 0; k < size; k++)
                {
                    var v = shape.Length > 1 ? _byRow[first + k / _columns] * _byColumn[first + k % _columns] / mean : _second[first + k];
                    update[first + k] = gradient[first + k] / Math.Sqrt(v);
                }
            }
            var (length, scale) = (Math.Max(1, RootMeanSquare(update)), rate * Math.Max(1e-3, RootMeanSquare(Values)));
            for (var k = 0; k < update.Length; k++) Values[k] -= scale * weightDecay * Values[k] + scale * update[k] / length;
        }

        private static double RootMeanSquare(double[] values) => Math.Sqrt(values.Average(v => v * v));
    }
}
