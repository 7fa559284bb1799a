using System.Text.Json;
using SkTuning.Clusters;

namespace SkTuning.Tests.Data;

/// <summary>Clusters of vectors: values computed by hand, and by scikit-learn (tests/fixtures/decisions/clusters.py).</summary>
public sealed class ClusterTests
{
    [Fact]
    public void Centers_move_to_the_means_of_their_vectors()
    {
        // 0, 2 and 10, 14 on a line: means 1 and 12, squared distances 1 + 1 + 4 + 4.
        var found = KMeans.Fit(new([0, 2, 10, 14], 1), new([0, 2], 1), null, default);
        Assert.Equal([0, 0, 1, 1], found.Assignments);
        Assert.Equal([1f, 12f], found.Centers.Values);
        Assert.Equal(10, found.Inertia, 1e-9);
    }

    [Fact]
    public void A_weight_counts_like_as_many_vectors()
    {
        // The mean of 10, 10, 10 and 14 is 11: squared distances 3 · 1 + 9, and none for 0.
        var found = KMeans.Fit(new([0, 10, 14], 1), new([0, 14], 1), [1, 3, 1], default);
        Assert.Equal([0f, 11f], found.Centers.Values);
        Assert.Equal(12, found.Inertia, 1e-9);
    }

    [Fact]
    public void A_center_without_vectors_stays_where_it_is()
    {
        var found = KMeans.Fit(new([0, 1], 1), new([0, 100], 1), null, default);
        Assert.Equal([0, 0], found.Assignments);
        Assert.Equal([0.5f, 100f], found.Centers.Values);
    }

    [Fact]
    public void Starts_are_far_from_each_other_and_have_weight()
    {
        // Vectors at the same place as one that was chosen, and vectors without weight, are never chosen.
        var points = new Vectors([0, 0, 0, 5, 5, 5, 9], 1);
        for (var seed = 1UL; seed <= 20; seed++)
        {
            var start = KMeans.Start(points, 2, [1, 1, 1, 1, 1, 1, 0], new(seed), default);
            Assert.Equal([0f, 5f], start.Values.Order());
        }
    }

    [Fact]
    public void Typicality_is_the_inverse_of_the_mean_distance_to_half_of_the_cluster()
    {
        // Four members have two neighbors each. The second one's: at 1 and 2, mean 1.5.
        var points = new Vectors([0, 1, 3, 7, 100], 1);
        var found = Typicality.Of(points, [0, 1, 2, 3], default);
        Assert.Equal([1 / 2.00001, 1 / 1.50001, 1 / 2.50001, 1 / 5.00001], found, new Near(1e-9));
        Assert.Equal([0.0], Typicality.Of(points, [4], default));
    }

    [Fact]
    public void Typicality_in_a_large_cluster_compares_with_a_part_of_it()
    {
        var points = new Vectors([.. Enumerable.Range(0, 2 * Typicality.MaxCompared).Select(i => (float)i)], 1);
        int[] members = [.. Enumerable.Range(0, points.Count)];
        // Every second member is compared with. Of these, the nearest 20 of one in the middle are at 2, 4, …, 20 on both sides.
        Assert.Equal(1 / 11.00001, Typicality.Of(points, members, default)[3000], 1e-6);
    }

    [Fact]
    public void Clusters_and_typicality_equal_those_of_scikit_learn()
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(Fixtures.Root, "decisions", "clusters.json")));
        var root = file.RootElement;
        var (points, start) = (Matrix(root.GetProperty("points")), Matrix(root.GetProperty("start")));
        double[] weights = [.. root.GetProperty("weights").EnumerateArray().Select(w => w.GetDouble())];
        foreach (var (name, own) in ((string, double[]?)[])[("plain", null), ("weighted", weights)])
        {
            var (expected, found) = (root.GetProperty(name), KMeans.Fit(points, start, own, default));
            Assert.Equal(expected.GetProperty("labels").EnumerateArray().Select(l => l.GetInt32()), found.Assignments);
            Assert.Equal(expected.GetProperty("inertia").GetDouble(), found.Inertia, 1e-3);
            var centers = Matrix(expected.GetProperty("centers"));
            for (var i = 0; i < centers.Values.Length; i++) Assert.Equal(centers.Values[i], found.Centers.Values[i], 1e-5);
        }
        int[] members = [.. root.GetProperty("members").EnumerateArray().Select(m => m.GetInt32())];
        double[] typicality = [.. root.GetProperty("typicality").EnumerateArray().Select(t => t.GetDouble())];
        Assert.Equal(typicality, Typicality.Of(points, members, default), new Near(1e-5));
    }

    private static Vectors Matrix(JsonElement rows)
        => new([.. rows.EnumerateArray().SelectMany(r => r.EnumerateArray()).Select(v => (float)v.GetDouble())], rows[0].GetArrayLength());

    private sealed class Near(double tolerance) : IEqualityComparer<double>
    {
        public bool Equals(double x, double y) => Math.Abs(x - y) <= tolerance;

        public int GetHashCode(double value) => 0;
    }
}
