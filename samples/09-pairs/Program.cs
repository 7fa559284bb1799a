// Classifies pairs of texts: does the reply answer the question? A row with a second text is a pair.
using SkTuning;

RuntimeSettings.Start(fast: true);
using var model = TinyModel.Load();

(string Question, string Reply)[] conversations =
[
    ("where is my parcel?", "it is with the driver and arrives today"),
    ("can i pay by invoice?", "yes, choose invoice at the checkout"),
    ("how do i return the shoes?", "print the label and take the box to a post office"),
    ("is the jacket waterproof?", "no, it only keeps out the wind"),
    ("how do i change my password?", "open your profile and choose security"),
    ("when does my membership end?", "on the last day of march"),
    ("do you repair old lamps?", "yes, for ten years after you bought them"),
    ("who was the rude person on the phone?", "we are sorry, and a supervisor will call you"),
];

// Every question with its own reply, and with that of the question two places further on.
var rows = conversations.SelectMany((c, i) => (Row[])
[
    new Row(c.Question, "answers") { Text2 = c.Reply },
    new Row(c.Question, "does not answer") { Text2 = conversations[(i + 2) % conversations.Length].Reply },
]).ToList();

// A causal model reads the two texts with a line break between them. A template says what they are.
var options = new TextClassifierOptions
{
    Template = "Question: {text} Reply: {text2}", Method = new LoraOptions(), Training = new() { MaxSteps = 20, Folds = 0 },
};
using var classifier = TextClassifier.Train(model, rows, options);

// On pairs that it was trained on: 16 rows and a model of 6.5 million parameters are too few to judge new ones.
var right = rows.Count(r => classifier.PredictPair(r.Text, r.Text2!).Label == r.Label);
Console.WriteLine($"{right} of {rows.Count} pairs are recognized.");
foreach (var row in rows.Take(2))
{
    var prediction = classifier.PredictPair(row.Text, row.Text2!);
    Console.WriteLine($"{row.Text} / {row.Text2}: {prediction.Label} ({prediction.Confidence:P0})");
}
