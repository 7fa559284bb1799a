using SkTuning.Bench;

return args.FirstOrDefault() switch
{
    "tokenizers" => TokenizersBench.Run(args[1..]),
    "load" => LoadBench.Run(args[1..]),
    "quantized-1b" => QuantizedBench.Run(args[1..]),
    "tasks" => TasksBench.Run(args[1..]),
    "methods" => MethodsBench.Run(args[1..]),
    "buckets" => BucketsBench.Run(args[1..]),
    "frozen-bottom" => FrozenBottomBench.Run(args[1..]),
    "sweep" => SweepBench.Run(args[1..]),
    "steady-memory" => SteadyMemoryBench.Run(args[1..]),
    _ => Usage(),
};

static int Usage()
{
    Console.WriteLine("Usage: SkTuning.Bench tokenizers [folder of shared files]");
    Console.WriteLine("       SkTuning.Bench load --model PATH [--precision Float32|BFloat16] [--keep-quantized] [--rounds N]");
    Console.WriteLine("       SkTuning.Bench quantized-1b [--rounds N]");
    Console.WriteLine("       SkTuning.Bench tasks [--model PATH] [--rows N] [--epochs N] [--only DATA] [--into FILE] [--cache FOLDER] [--shared FOLDER]");
    Console.WriteLine("       SkTuning.Bench methods [--rows N] [--epochs N] [--dev-rows N] [--test-rows N] [--only METHOD] [--precision P] [--threads N] [--into FILE] [--cache FOLDER] [--shared FOLDER]");
    Console.WriteLine("       SkTuning.Bench buckets|frozen-bottom|sweep|steady-memory [--model PATH] [--rows N] [--epochs N] [--rounds N] [--threads N] [--precision P] [--shared FOLDER]");
    return 1;
}
