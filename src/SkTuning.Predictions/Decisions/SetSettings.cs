using System.Text.Json.Nodes;

namespace SkTuning.Classifiers.SingleLabel;

/// <summary>How prediction sets are stored with an adapter.</summary>
internal static class SetSettings
{
    public const string Coverage = "setCoverage", Threshold = "setThreshold", Temperature = "setTemperature", Rows = "setRows", MaxChoices = "setMaxChoices";

    public static void Write(PredictionSets sets, JsonObject definition)
    {
        definition[Coverage] = sets.Coverage;
        definition[Threshold] = sets.Threshold;
        if (sets.Temperature != 1) definition[Temperature] = sets.Temperature;
        definition[Rows] = sets.Rows;
        if (sets.MaxChoices != PredictionSets.DefaultMaxChoices) definition[MaxChoices] = sets.MaxChoices;
    }

    /// <summary>Returns the sets; null if there are none.</summary>
    /// <param name="definition">The keys.</param>
    /// <param name="read">Reads the number of a key: its conditions, and what is expected.</param>
    /// <param name="file">The file, for messages.</param>
    public static PredictionSets? Read(JsonObject definition, Func<string, Func<double, bool>, string, double?> read, string file)
    {
        if (definition[Coverage] is null) return null;
        return new()
        {
            Coverage = read(Coverage, PredictionSets.IsCoverage, "a number above 0, below 1")!.Value,
            Threshold = read(Threshold, _ => true, "a number") ?? throw SkTuningException.BadFile(file, Threshold, "missing", "a number"),
            Temperature = read(Temperature, t => t is > 0 and <= ClassificationDecision.MaxTemperature, "a number above 0, at most 1000") ?? 1,
            Rows = Whole(Rows, 0) ?? 0,
            MaxChoices = Whole(MaxChoices, 1) ?? PredictionSets.DefaultMaxChoices,
        };

        int? Whole(string key, int least) => (int?)read(key, n => n >= least && n <= int.MaxValue && n == Math.Floor(n), $"a whole number, {least} or more");
    }
}
