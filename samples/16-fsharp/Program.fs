// The first sample in F#: trains a classifier, uses it, saves it and loads it again.
open System
open System.IO
open SkTuning

[<EntryPoint>]
let main _ =
    RuntimeSettings.Start(fast = true) |> ignore
    let support = Path.Combine(AppContext.BaseDirectory, "assets", "data", "support")
    use model = TinyModel.Load()
    let rows = RowFile.Load(Path.Combine(support, "train.tsv"))

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
