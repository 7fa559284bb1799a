using System.Collections.Concurrent;
using SkTuning.Batches;
using SkTuning.Prompts;

namespace SkTuning.Adapters;

/// <summary>Prompts that the frozen model has read and rows that were tokenized, for adapters on one base that need the same ones.</summary>
internal sealed class SharedInputs : IDisposable
{
    private readonly OnceTable<PromptEncoding> _prompts = new();
    private readonly OnceTable<ConcurrentDictionary<(string, string?), EncodedRow>> _rows = new();

    /// <summary>The number of prompts and tables that were found and did not have to be created.</summary>
    public int Found => _prompts.Found + _rows.Found;

    /// <summary>Returns an encoded prompt, which the caller disposes.</summary>
    /// <param name="ids">The tokens.</param>
    /// <param name="layers">The number of layers that read them; null for all.</param>
    /// <param name="read">Reads the prompt the first time.</param>
    /// <param name="seed">The seed of random vectors that replace those of the prompt; null if there are none.</param>
    public PromptEncoding Prompt(IReadOnlyList<int> ids, int? layers, Func<PromptEncoding> read, ulong? seed = null)
        => _prompts.Get($"{layers}:{seed}:{string.Join(',', ids)}", read).Retain();

    /// <summary>Returns the table of the rows of an encoder, by their texts.</summary>
    public ConcurrentDictionary<(string, string?), EncodedRow> Rows(string encoder) => _rows.Get(encoder, () => []);

    public void Dispose()
    {
        foreach (var prompt in _prompts.Values) prompt.Dispose();
    }
}
