using SkTuning;
using SkTuning.Bench;
using SkTuning.Bench.Serving;

CsvFormat.Register();
ParquetFormat.Register();
return args.FirstOrDefault() switch
{
    "tokenizers" => TokenizersBench.Run(args[1..]),
    "load" => LoadBench.Run(args[1..]),
    "latency" => LatencyBench.Run(args[1..]),
    "quantized-1b" => QuantizedBench.Run(args[1..]),
    "tasks" => TasksBench.Run(args[1..]),
    "methods" => MethodsBench.Run(args[1..]),
    "buckets" => Told(args[1..], BucketsBench.Run),
    "frozen-bottom" => Told(args[1..], LowerLayerCacheBench.Run),
    "sweep" => Told(args[1..], SweepBench.Run),
    "step" => StepBench.Run(args[1..]),
    "gradient" => GradientBench.Run(args[1..]),
    "compress" => CompressBench.Run(args[1..]),
    "ordinal" => OrdinalBench.Run(args[1..]),
    "memory" => MemoryBench.Run(args[1..]),
    "zero-rows" => ZeroRowsBench.Run(args[1..]),
    "prompt-search" => PromptSearchBench.Run(args[1..]),
    "in-context" => InContextBench.Run(args[1..]),
    "sets" => SetsBench.Run(args[1..]),
    "serve" => ServeBench.Run(args[1..]),
    "serve-memory" => ServeMemoryBench.Run(args[1..]),
    "pick" => PickBench.Run(args[1..]),
    "pick-memory" => PickMemoryBench.Run(args[1..]),
    "labels" => LabelsBench.Run(args[1..]),
    "prune" => PruneBench.Run(args[1..]),
    "units" => UnitsBench.Run(args[1..]),
    "out-of-scope" => Told(args[1..], OutOfScopeBench.Run),
    "steady-memory" => Told(args[1..], SteadyMemoryBench.Run),
    _ => Usage(),
};

// On request, the output of a benchmark is also inserted into a document.
int Told(string[] arguments, Func<string[], int> run)
{
    if (ChildRun.Option(arguments, "--into") is not { } into) return run(arguments);
    var (screen, text) = (Console.Out, new StringWriter());
    Console.SetOut(text);
    var at = Array.IndexOf(arguments, "--into");
    var code = run([.. arguments[..at], .. arguments[(at + 2)..]]);
    Console.SetOut(screen);
    Console.Write(text);
    if (code == 0) MarkedText.Insert(into, args[0], $"```text\n{text}```");
    return code;
}

static int Usage()
{
    Console.WriteLine("Usage: SkTuning.Bench tokenizers [folder of shared files]");
    Console.WriteLine("       SkTuning.Bench load --model PATH [--precision Float32|BFloat16] [--keep-quantized] [--rounds N]");
    Console.WriteLine("       SkTuning.Bench latency [--model PATH] [--texts N] [--threads 1,2] [--callers N] [--rounds N] [--shared FOLDER] [--into FILE]");
    Console.WriteLine("       SkTuning.Bench quantized-1b [--rounds N]");
    Console.WriteLine("       SkTuning.Bench tasks [--model PATH] [--rows N] [--epochs N] [--only DATA] [--into FILE] [--cache FOLDER] [--shared FOLDER]");
    Console.WriteLine("       SkTuning.Bench methods [--rows N] [--epochs N] [--dev-rows N] [--test-rows N] [--only METHOD] [--precision P] [--threads N] " +
        "[--into FILE] [--cache FOLDER] [--shared FOLDER]");
    Console.WriteLine("       SkTuning.Bench buckets|frozen-bottom|sweep|steady-memory [--model PATH] [--rows N] [--epochs N] [--rounds N] [--threads N] " +
        "[--precision P] [--shared FOLDER] [--into FILE]");
    Console.WriteLine("       SkTuning.Bench compress [--model PATH] [--steps N] [--positions 4,8] [--test-rows N] [--only PART] [--seeds 1,2] [--into FILE]");
    Console.WriteLine("       SkTuning.Bench step [--only minilm|smollm2|tiny] [--device cuda] [--seconds N] [--bf16] [--into FILE]");
    Console.WriteLine("       SkTuning.Bench gradient [--only minilm|smollm2] [--rows N] [--epochs N] [--seeds N] [--accuracy] [--threads N] [--shared " +
        "FOLDER] [--into FILE]");
    Console.WriteLine("       SkTuning.Bench serve [--http] [--adapters N] [--mixed] [--clients N] [--seconds N] [--rounds N] [--texts N] " +
        "[--model PATH] [--shared FOLDER] [--into FILE]");
    Console.WriteLine("       SkTuning.Bench serve-memory [--texts N] [--adapters N] [--model PATH] [--into FILE]");
    Console.WriteLine("       SkTuning.Bench sets [--only DATA] [--splits N] [--rows N] [--coverage 0.9,0.95] [--model PATH] [--threads N] [--shared FOLDER] " +
        "[--into FILE]");
    Console.WriteLine("       SkTuning.Bench zero-rows [--only DATA] [--rows N] [--model PATH] [--threads N] [--shared FOLDER] [--into FILE]");
    Console.WriteLine("       SkTuning.Bench prompt-search [--only prompt-search,label-search,in-context-search] [--data support,sst-2] [--seeds N] " +
        "[--candidates N] [--test-rows N] [--model PATH] [--threads N] [--shared FOLDER] [--into FILE]");
    Console.WriteLine("       SkTuning.Bench in-context [--shots N] [--test-rows N] [--seeds 1,2] [--model PATH] [--threads N] [--shared FOLDER] " +
        "[--into FILE]");
    Console.WriteLine("       SkTuning.Bench ordinal [--model PATH] [--rows N,N] [--seeds N,N] [--methods M,M] [--only TASK] [--measure test|dev] " +
        "[--test-rows N] [--scale N] [--prior N] [--shared FOLDER] [--into FILE]");
    Console.WriteLine("       SkTuning.Bench memory [--only minilm|smollm2|tiny] [--text N] [--into FILE]");
    Console.WriteLine("       SkTuning.Bench pick [--model PATH] [--data DATA] [--seeds N] [--threads N] [--shared FOLDER]");
    Console.WriteLine("       SkTuning.Bench pick-memory [--model PATH]");
    Console.WriteLine("       SkTuning.Bench prune [--model PATH] [--data support|sst2] [--rows N] [--test-rows N] [--keep 1,0.5] [--by attribution,random] " +
        "[--seeds N] [--method NAME] [--score-rows N] [--texts N] [--rounds N] [--threads N] [--cache FOLDER] [--into FILE]");
    Console.WriteLine("       SkTuning.Bench units [--sequences N] [--steps N] [--labels N] [--rows N] [--test-rows N] [--seeds N] [--epochs N] " +
        "[--threads N] [--into FILE]");
    Console.WriteLine("       SkTuning.Bench labels [--model PATH] [--data DATA,DATA] [--check-rows N] [--first-seed N] [--seeds N] [--threads N] " +
        "[--shared FOLDER]");
    Console.WriteLine("       SkTuning.Bench out-of-scope [--model PATH] [--data NAME] [--rows N] [--left-out N] [--test-rows N] [--only METHODS] [--seed N] " +
        "[--from-train] [--shift N] [--dev-rows N] [--neighbors N] [--prompt TEXT] " +
        "[--threads N] [--shared FOLDER] [--into FILE]");
    return 1;
}
