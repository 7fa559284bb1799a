// The first sample in F#: trains a classifier, uses it, saves it and loads it again.
open System
open System.IO
open SkTuning

[<EntryPoint>]
let main _ =
    RuntimeSettings.Start(fast = true) |> ignore
    let assets = Path.Combine(AppContext.BaseDirectory, "assets")
    use model = FrozenModel.Load(Path.Combine(assets, "models", "tiny"))
    let rows = RowFile.Load(Path.Combine(assets, "data", "support", "train.tsv"))

    use classifier = TextClassifier.Train(model, rows, TextClassifierOptions(Method = ProbeOptions()))
    printfn $"Trained {classifier.ParameterCount} parameters on {rows.Count} rows"

    let prediction = classifier.Predict "where is my parcel?"
    printfn $"{prediction.Label} ({prediction.Confidence:P0})"

    let folder = Path.Combine(Path.GetTempPath(), "sktuning-sample-fsharp")
    classifier.Save folder
    use again = TextClassifier.Load(folder, model)
    let label = again.Predict("the zip of my jacket broke after a week").Label
    printfn $"Loaded again: {label}"
    0
