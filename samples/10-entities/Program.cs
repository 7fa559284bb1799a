// Finds products and places in sentences: a tag for each word, and entities as spans of the text.
using SkTuning;

RuntimeSettings.Start(fast: true);
using var model = TinyModel.Load();

// Sentences with the tags B- (begins), I- (continues) and O (outside). RowFile's counterpart for such files is TokenRowFile.
string[] products = ["red lamp", "jacket", "coffee mill", "garden chair", "kettle", "winter coat", "desk", "phone cover"];
string[] places = ["Rome", "Oslo", "New York", "Vienna", "Lima", "Cape Town", "Delhi", "Kyoto"];
var rows = new List<TokenRow>();
for (var i = 0; i < products.Length; i++)
{
    for (var j = 0; j < places.Length; j += 2)
    {
        var place = places[(i + j) % places.Length];
        rows.Add(Sentence("please send the", (products[i], "ITEM"), "to", (place, "PLACE"), "this week ."));
        rows.Add(Sentence("in", (place, "PLACE"), "nobody sells a", (products[i], "ITEM"), "like yours ."));
    }
}

using var names = TokenClassifier.Train(model, rows, new() { Method = new LoraOptions(), Training = new() { Epochs = 6 } });
Console.WriteLine($"Trained on {rows.Count} sentences in {names.Report!.Seconds:F0} s");
foreach (var text in (string[])["please send the green lamp to Rome this week", "in New York nobody sells a jacket like mine"])
{
    Console.WriteLine(text);
    foreach (var span in names.Predict(text).Spans())
        Console.WriteLine($"  {span.Label}: {text[span.Start..span.End]}");
}

// Words without an entity, and entities, in turn.
static TokenRow Sentence(params object[] parts)
{
    var (words, tags) = (new List<string>(), new List<string>());
    foreach (var part in parts)
    {
        var (text, label) = part is ValueTuple<string, string> entity ? entity : ((string)part, "");
        foreach (var (i, word) in text.Split(' ').Index())
        {
            words.Add(word);
            tags.Add(label == "" ? "O" : i == 0 ? $"B-{label}" : $"I-{label}");
        }
    }
    return new(words, tags);
}
