namespace SkTuning.Tool.Commands;

/// <summary>The embedded example task.</summary>
internal static class Support
{
    /// <summary>What the topics mean: a definition, and an example in the style of the rows.</summary>
    private static readonly Dictionary<string, IReadOnlyList<string>> Topics = new()
    {
        ["account"] = ["account", "logging in, passwords, names and addresses in the customer's profile", "I can't log in and want to change my password"],
        ["complaint"] = ["complaint", "the customer is angry about bad or slow service", "your staff was rude and nobody answers me"],
        ["delivery"] = ["delivery", "where a parcel is and when it arrives", "when will my parcel arrive at my address?"],
        ["payment"] = ["payment", "cards, invoices, prices and money that was charged", "my card was charged twice for one order"],
        ["product"] = ["product", "what a product is like, its size, colour and features", "does this come in another size or colour?"],
        ["returns"] = ["returns", "sending goods back, refunds and exchanges", "I want to send it back and get my money"],
        ["subscription"] = ["subscription", "plans that renew each month, trials and cancelling them", "how do I cancel my monthly plan?"],
        ["warranty"] = ["warranty", "repairs of broken goods that are still covered", "it broke after a month, is it still covered?"],
    };

    /// <summary>Returns the options of a training without dev rows; only an adapter is compared with the head alone.</summary>
    public static TextClassifierOptions Options(TuningOptions method, bool describes, ulong seed) => new()
    {
        Prompt = "Classify the topic of the customer's message:",
        LabelDescriptions = describes ? Topics : null,
        Head = describes ? null : new SemanticHeadOptions { PriorWeight = 0 },
        Method = method,
        Training = new() { Seed = seed, Folds = method is ProbeOptions ? 0 : null },
    };
}
