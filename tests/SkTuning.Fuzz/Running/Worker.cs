using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace SkTuning.Fuzz.Running;

/// <summary>The process that uses the inputs: reads one request per line, and answers each with one line. Whatever ends it, the parent sees it.</summary>
internal sealed partial class Worker(string work)
{
    private const int MaxMessage = 2000;

    private readonly Dictionary<string, IReadOnlyList<Seed>> _seeds = [];

    public static int Run(string work)
    {
        var answers = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        Console.SetOut(TextWriter.Null);                                        // the pipe belongs to the answers
        RuntimeSettings.Start(threads: 1, fast: true);
        CsvFormat.Register();
        ParquetFormat.Register();
        var worker = new Worker(work);
        answers.WriteLine("ready");
        while (Console.In.ReadLine() is { } request) answers.WriteLine(worker.Answer(request.Split('\t')).Written());
        return 0;
    }

    private Outcome Answer(string[] request)
    {
        var reader = Readers.AllReaders.Get(request[0]);
        var folder = Path.Combine(work, $"input-{Environment.ProcessId}");
        Directory.CreateDirectory(folder);
        folder = Path.Combine(folder, "case");
        bool isIntact;
        if (request.Length == 2)
        {
            InputCase.Write(Seed.Of(request[1]).Files, folder);
            isIntact = false;
        }
        else
        {
            if (!_seeds.TryGetValue(reader.Name, out var seeds)) _seeds[reader.Name] = seeds = SeedFolder.Read(work, reader);
            var input = InputCase.Create(reader, seeds, ulong.Parse(request[1], CultureInfo.InvariantCulture),
                int.Parse(request[2], CultureInfo.InvariantCulture));
            InputCase.Write(input.Files, folder);
            isIntact = input.IsIntact;
        }
        var names = Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Select(f => Path.GetFileName(f)!).ToList();
        var before = Memory.ResetPeak();
        var clock = Stopwatch.StartNew();
        var (kind, head, message) = (OutcomeKind.Used, "", "");
        // A thread with the stack of the thread pool's, as a service has it, not the main thread's.
        var thread = new Thread(() => (kind, head, message) = Used(reader, folder, names));
        thread.Start();
        thread.Join();
        var (time, growth) = (clock.ElapsedMilliseconds, Math.Max(0, Memory.Peak() - before));
        if (growth > 256L << 20) GC.Collect();
        if (isIntact && kind != OutcomeKind.Used) (kind, message) = (OutcomeKind.ValidRefused, $"[{kind}] {message}");
        return new(kind, head, message, time, growth);
    }

    private static (OutcomeKind, string, string) Used(Reader reader, string folder, List<string> names)
    {
        var use = new Use();
        try
        {
            reader.Use(folder, use);
            return (OutcomeKind.Used, "", "");
        }
        catch (SkTuningException e)
        {
            if (e.Message.Contains('\n', StringComparison.Ordinal) || e.Message.Length > MaxMessage)
                return (OutcomeKind.OtherException, "a message of several lines or of more than 2,000 characters, " + Type(e), e.ToString());
            if (reader.Names.Any(n => e.Message.Contains(n, StringComparison.Ordinal))) return (OutcomeKind.Refused, "", e.Message);
            if (names.Any(n => e.Message.Contains(n, StringComparison.Ordinal)) || e.Message.Contains(folder, StringComparison.Ordinal))
                return (OutcomeKind.Refused, "", e.Message);
            return use.IsLoaded ? (OutcomeKind.RefusedInUse, "", e.Message)
                : (OutcomeKind.OtherException, "refused without a file's name, " + Type(e), e.ToString());
        }
        catch (NotFiniteException e) { return (OutcomeKind.NotFinite, Digits().Replace(Quoted().Replace(e.Message, "'...'"), "N"), e.Message); }
        catch (WrongResultException e) { return (OutcomeKind.OtherException, "wrong result: " + Digits().Replace(e.Message, "N"), e.Message); }
        catch (Exception e) { return (OutcomeKind.OtherException, $"{e.GetType().Name}, {Place(e)}", e.ToString()); }
    }

    /// <summary>The method that threw, and the product's method that called it.</summary>
    private static string Place(Exception e)
    {
        while (e is AggregateException or System.Reflection.TargetInvocationException && e.InnerException is { } inner) e = inner;
        var frames = new StackTrace(e).GetFrames().Select(f => f.GetMethod()).Where(m => m?.DeclaringType is not null)
            .Select(m => Generated().Replace($"{m!.DeclaringType!.FullName}.{m.Name}", "")).ToList();
        var first = frames.FirstOrDefault(f => !f.Contains("ThrowHelper", StringComparison.Ordinal)) ?? "nowhere";
        var own = frames.FirstOrDefault(f => f.StartsWith("SkTuning.", StringComparison.Ordinal) && !f.Contains("Exception", StringComparison.Ordinal));
        return own is null || own == first ? first : $"{first} from {own}";
    }

    /// <summary>The type of the product that refused.</summary>
    private static string Type(Exception e) => new StackTrace(e).GetFrames().Select(f => f.GetMethod()?.DeclaringType?.FullName)
        .FirstOrDefault(t => t is not null && !t.Contains("Exception", StringComparison.Ordinal)) ?? "";

    [GeneratedRegex(@"'[^']*'")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\d+")]
    private static partial Regex Digits();

    [GeneratedRegex(@"`\d+(\[\[.*?\]\])?|\[\[.*\]\]")]
    private static partial Regex Generated();
}
