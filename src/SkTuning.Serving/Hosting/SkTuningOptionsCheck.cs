using Microsoft.Extensions.Options;

namespace SkTuning.Serving.Hosting;

/// <summary>Checks the options before anything is loaded. Every fault is reported, not only the first.</summary>
internal sealed class SkTuningOptionsCheck(ContentRoot root) : IValidateOptions<SkTuningOptions>
{
    public ValidateOptionsResult Validate(string? name, SkTuningOptions options)
    {
        var faults = new List<string>();
        if (string.IsNullOrWhiteSpace(options.ModelPath)) Fault(nameof(options.ModelPath), "empty", "the folder of a model, or a .gguf file");
        else if (!Path.Exists(root.Full(options.ModelPath)))
            Fault(nameof(options.ModelPath), Missing(options.ModelPath), "the folder of a model, or a .gguf file");
        foreach (var (adapter, folder) in options.Adapters.OrderBy(a => a.Key, StringComparer.Ordinal))
        {
            var property = $"{nameof(options.Adapters)}['{adapter}']";
            if (string.IsNullOrWhiteSpace(adapter)) Fault(property, "an adapter without a name", "a name by which calls choose it");
            else if (string.IsNullOrWhiteSpace(folder)) Fault(property, "empty", "the folder of an adapter");
            else if (!Directory.Exists(root.Full(folder))) Fault(property, Missing(folder), "the folder of an adapter");
        }
        if (options.Model is null) Fault(nameof(options.Model), "null", "options");
        else Try(() => OptionCheck.IsDefined(nameof(FrozenModelOptions), nameof(options.Model.Precision), options.Model.Precision));
        if (options.Engine is null) Fault(nameof(options.Engine), "null", "options");
        else Try(options.Engine.Validate);
        if (options.Embeddings is null) Fault(nameof(options.Embeddings), "null", "options");
        else Try(options.Embeddings.Validate);
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);

        void Fault(string property, string found, string expected) => faults.Add($"{nameof(SkTuningOptions)}.{property} is {found}, expected {expected}.");

        string Missing(string path) => root.Full(path) is var full && full == path ? $"'{path}', which does not exist"
            : $"'{path}' ({full}), which does not exist";

        void Try(Action check)
        {
            try { check(); }
            catch (SkTuningException e) { faults.Add(e.Message); }
        }
    }
}
