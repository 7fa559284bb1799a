namespace SkTuning.Heads.Semantic;

/// <summary>
/// Minimizes a smooth convex function with L-BFGS (Nocedal and Wright, Numerical Optimization, algorithm 7.4) and a line search for the strong Wolfe
/// conditions. It is deterministic and has no learning rate.
/// </summary>
internal static class Lbfgs
{
    private const int Memory = 20, MaxIterations = 2000, MaxTrials = 40;
    private const double SufficientDecrease = 1e-4, Curvature = 0.9;

    /// <summary>Computes the value at a point and writes the gradient.</summary>
    public delegate double Function(double[] point, double[] gradient);

    /// <summary>Minimizes a function.</summary>
    /// <param name="start">The point to start from; it is not changed.</param>
    /// <param name="function">The function.</param>
    /// <param name="tolerance">The largest component of the gradient at which the search ends, relative to that of the start or 1, whichever is larger.</param>
    /// <param name="cancellationToken">Ends the search with an exception.</param>
    /// <returns>The point, and the value there.</returns>
    public static (double[] Point, double Value) Minimize(double[] start, Function function, double tolerance, CancellationToken cancellationToken)
    {
        var (point, gradient) = ((double[])start.Clone(), new double[start.Length]);
        var value = function(point, gradient);
        var goal = tolerance * Math.Max(1, Largest(gradient));
        var pairs = new Queue<(double[] Step, double[] Change, double Product)>();
        for (var i = 0; i < MaxIterations && Largest(gradient) > goal; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var direction = Direction(gradient, [.. pairs]);
            var slope = Dot(gradient, direction);
            if (slope >= 0)
            {
                if (pairs.Count == 0) break;
                pairs.Clear();                                                  // rounding has made the curvature useless
                continue;
            }
            var first = pairs.Count == 0 ? Math.Min(1, 1 / Math.Sqrt(-slope)) : 1;
            if (Search(function, point, direction, value, slope, first) is not { } found)
            {
                if (pairs.Count == 0) break;                                    // no progress is possible in this precision
                pairs.Clear();
                continue;
            }
            var (step, change) = (Difference(found.Point, point), Difference(found.Gradient, gradient));
            if (Dot(step, change) is > 0 and var product)
            {
                if (pairs.Count == Memory) pairs.Dequeue();
                pairs.Enqueue((step, change, product));
            }
            (point, gradient, value) = found;
        }
        return (point, value);
    }

    /// <summary>Returns the negative gradient times the estimate of the inverse Hessian (the two-loop recursion).</summary>
    private static double[] Direction(double[] gradient, (double[] Step, double[] Change, double Product)[] pairs)
    {
        double[] direction = [.. gradient.Select(g => -g)];
        var factors = new double[pairs.Length];
        for (var i = pairs.Length - 1; i >= 0; i--)
        {
            factors[i] = Dot(pairs[i].Step, direction) / pairs[i].Product;
            AddScaled(direction, pairs[i].Change, -factors[i]);
        }
        if (pairs is [.., var last])
        {
            var scale = last.Product / Dot(last.Change, last.Change);
            foreach (ref var d in direction.AsSpan()) d *= scale;
        }
        for (var i = 0; i < pairs.Length; i++) AddScaled(direction, pairs[i].Step, factors[i] - Dot(pairs[i].Change, direction) / pairs[i].Product);
        return direction;
    }

    /// <summary>Finds a point along a direction at which the function and its slope have decreased enough, by bisection; null if there is none.</summary>
    private static (double[] Point, double[] Gradient, double Value)? Search(
        Function function, double[] point, double[] direction, double value, double slope, double first)
    {
        // Close to the minimum, the values differ by less than their rounding: there the slope alone decides.
        var rounding = 1e-14 * Math.Max(1, Math.Abs(value));
        var (low, high, length) = (0.0, double.PositiveInfinity, first);
        for (var trial = 0; trial < MaxTrials; trial++)
        {
            var (next, gradient) = ((double[])point.Clone(), new double[point.Length]);
            AddScaled(next, direction, length);
            var reached = function(next, gradient);
            var after = Dot(gradient, direction);
            if (!double.IsFinite(reached) || reached > value + SufficientDecrease * length * slope + rounding) high = length;
            else if (after < Curvature * slope) low = length;
            else if (after > -Curvature * slope) high = length;
            else return (next, gradient, reached);
            length = double.IsInfinity(high) ? 2 * low : (low + high) / 2;
        }
        return null;
    }

    private static double Largest(double[] values)
    {
        var largest = 0.0;
        foreach (var value in values) largest = Math.Max(largest, Math.Abs(value));
        return largest;
    }

    private static double Dot(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    private static double[] Difference(double[] a, double[] b)
    {
        var difference = (double[])a.Clone();
        AddScaled(difference, b, -1);
        return difference;
    }

    private static void AddScaled(double[] target, double[] source, double factor)
    {
        for (var i = 0; i < target.Length; i++) target[i] += factor * source[i];
    }
}
