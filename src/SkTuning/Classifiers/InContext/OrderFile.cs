using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SkTuning.Classifiers.InContext;

/// <summary>What an in-context classifier stores beside its adapter.</summary>
internal sealed record OrderFile
{
    /// <summary>The name of the file in the adapter's folder.</summary>
    public const string Name = "orders.json";

    public required string Prompt { get; init; }

    public required OrderFileRow[] Demonstrations { get; init; }

    public required DemonstrationOrder Order { get; init; }

    public required int[] BestStatic { get; init; }

    public required int TriedOrders { get; init; }

    public required int Neighbors { get; init; }

    public required int MemoryLimit { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>The mean state of the training rows, float32 in little-endian order.</summary>
    public required byte[] Center { get; init; }

    public required OrderFileEpisode[] Memory { get; init; }

    public void Write(string folder)
        => AtomicFile.Write(Path.Combine(folder, Name), (Stream file) => JsonSerializer.Serialize(file, this, OrderJson.Default.OrderFile), keepLink: false);

    /// <param name="folder">The adapter's folder.</param>
    /// <param name="hidden">The size of the model's states.</param>
    /// <param name="labels">The labels of the adapter.</param>
    /// <exception cref="SkTuningFileException">The file is missing or damaged.</exception>
    public static OrderFile Read(string folder, int hidden, IReadOnlyCollection<string> labels)
    {
        var path = Path.Combine(folder, Name);
        OrderFile file;
        try
        {
            file = JsonInput.Deserialize(InputFile.ReadAllBytes(path), path, OrderJson.Default.OrderFile)
                ?? throw SkTuningException.BadFile(path, null, "null", "an object");
        }
        catch (JsonException e) { throw Bad(e.Path, "a value of another form", "what Save has written", e); }
        var count = file.Demonstrations.Length;
        if (count is < 1 or > InContextOptions.MaxDemonstrations)
            throw Bad("demonstrations", $"{count} rows", $"1 to {InContextOptions.MaxDemonstrations}");
        foreach (var row in file.Demonstrations)
        {
            if (row is null) throw Bad("demonstrations", "null", "rows");
            if (!labels.Contains(row.Label)) throw Bad("demonstrations", $"the label '{row.Label}'", $"one of {string.Join(", ", labels)}");
        }
        if (!IsState(file.Center, hidden)) throw Bad("center", $"{file.Center.Length} bytes", $"{hidden} finite numbers of 4 bytes");
        if (!IsOrder(file.BestStatic, count)) throw Bad("bestStatic", RankOrders.Key(file.BestStatic), $"each number from 0 to {count - 1} once");
        foreach (var episode in file.Memory)
        {
            if (episode is null) throw Bad("memory", "null", "states with rewards");
            if (!IsState(episode.State, hidden)) throw Bad("memory", $"a state of {episode.State.Length} bytes", $"{hidden} finite numbers of 4 bytes");
            foreach (var (order, reward) in episode.Rewards)
            {
                if (!IsOrder([.. order.Split(',').Select(n => int.TryParse(n, out var rank) ? rank : -1)], count))
                    throw Bad("memory", $"the order '{order}'", $"each number from 0 to {count - 1} once");
                if (!double.IsFinite(reward) || reward < 0) throw Bad("memory", "a reward that is negative or not finite", "0 or more");
            }
        }
        return file;

        Exception Bad(string? key, string found, string expected, Exception? cause = null)
            => SkTuningException.BadFile(path, key, found, expected, "The file is damaged: save the classifier again.", cause);
    }

    public static byte[] Bytes(float[] state) => MemoryMarshal.AsBytes<float>(state).ToArray();

    public static float[] Floats(byte[] bytes) => MemoryMarshal.Cast<byte, float>(bytes).ToArray();

    private static bool IsState(byte[] bytes, int hidden) => bytes.Length == sizeof(float) * hidden && Floats(bytes).All(float.IsFinite);

    private static bool IsOrder(int[] order, int count) => order.Order().SequenceEqual(Enumerable.Range(0, count));
}

internal sealed record OrderFileRow(string Text, string Label, string? Text2 = null);

internal sealed record OrderFileEpisode(string Text, byte[] State, SortedDictionary<string, double> Rewards);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(OrderFile))]
internal sealed partial class OrderJson : JsonSerializerContext;
