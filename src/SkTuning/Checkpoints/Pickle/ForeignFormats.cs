using System.Buffers.Binary;

namespace SkTuning.Checkpoints.Pickle;

/// <summary>Recognizes other formats that use the extensions .bin and .pt by their first bytes, and refuses them by name.</summary>
internal static class ForeignFormats
{
    private const string SaveAgain = "Save it again with a current torch.save, or as safetensors.";

    public static void Refuse(MappedFile file)
    {
        var start = file.Slice(0, (int)Math.Min(file.Length, 512));
        if (start.StartsWith("PK\u0003\u0004"u8) || start.StartsWith("PK\u0005\u0006"u8)) return;
        var (found, advice) = Name(file, start);
        throw SkTuningException.BadFile(file.Path, null, found, "a file of PyTorch 1.6 or later (a zip file with data.pkl)", advice);
    }

    /// <summary>Returns what a single file is that was given as a model, as far as its first bytes show, and what to do.</summary>
    public static (string Found, string? Advice) NameOf(string path)
    {
        InputFile.RequireRegular(path);
        if (new FileInfo(path).Length == 0) return ("an empty file", null);
        using var file = FileAccessErrors.Explain(path, () => new MappedFile(path));
        var start = file.Slice(0, (int)Math.Min(file.Length, 512));
        if (path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) || start.StartsWith("PK"u8))
            return ("a file of weights alone", "Pass the path of the folder that contains it, with its config.json and tokenizer.json.");
        return Name(file, start);
    }

    private static (string Found, string? Advice) Name(MappedFile file, ReadOnlySpan<byte> start)
    {
        if (start.StartsWith("GGUF"u8)) return ("a GGUF file", "Rename it to .gguf.");
        if (start is [0x80, _, ..]) return ("a plain pickle: the legacy format of PyTorch before 1.6", SaveAgain);
        if (start.Length > 262 && start[257..262].SequenceEqual("ustar"u8)) return ("a tar file: the format of PyTorch before 0.1.10", SaveAgain);
        if (IsLlama2c(file, start)) return ("a model of llama2.c", "Use the GGUF or Hugging Face version of the model.");
        return ("a file of an unknown format", null);
    }

    /// <summary>Seven integers (width, feed-forward, layers, heads, key heads, tokens, positions), followed by exactly the weights of these sizes.</summary>
    private static bool IsLlama2c(MappedFile file, ReadOnlySpan<byte> start)
    {
        if (start.Length < 28) return false;
        Span<long> n = stackalloc long[7];
        for (var i = 0; i < n.Length; i++) n[i] = BinaryPrimitives.ReadInt32LittleEndian(start[(4 * i)..]);
        var ownHead = n[5] < 0;                                               // indicated by a negative number of tokens
        n[5] = Math.Abs(n[5]);
        foreach (var number in n)
            if (number is < 1 or > 1 << 22) return false;
        if (n[0] % n[3] != 0) return false;
        Int128 width = n[0], hidden = n[1], layers = n[2], size = n[0] / n[3], keys = n[4] * (n[0] / n[3]), tokens = n[5], positions = n[6];
        var layer = 2 * width + 2 * width * width + 2 * width * keys + 3 * width * hidden;
        var values = tokens * width * (ownHead ? 2 : 1) + layers * layer + width + positions * size;
        return 28 + 4 * values == file.Length;
    }
}
