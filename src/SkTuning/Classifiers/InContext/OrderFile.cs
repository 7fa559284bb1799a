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

    /// <exception cref="SkTuningFileException">The file is missing or damaged.</exception>
    public static OrderFile Read(string folder)
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
        if (!IsOrder(file.BestStatic, count)) throw Bad("bestStatic", RankOrders.Key(file.BestStatic), $"each number from 0 to {count - 1} once");
        foreach (var episode in file.Memory)
        {
            if (episode.State.Length != file.Center.Length) throw Bad("memory", $"a state of {episode.State.Length} bytes", $"{file.Center.Length} bytes");
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

    private static bool IsOrder(int[] order, int count) => order.Order().SequenceEqual(Enumerable.Range(0, count));
}

internal sealed record OrderFileRow(string Text, string? Text2, string Label);

internal sealed record OrderFileEpisode(string Text, byte[] State, SortedDictionary<string, double> Rewards);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(OrderFile))]
internal sealed partial class OrderJson : JsonSerializerContext;
