using System.Globalization;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace SkTuning.Tests.Reports;

/// <summary>
/// A report parsed like in a browser, and its accessibility problems: headings, names of pictures and tables, contrast, and references to anything outside
/// the file.
/// </summary>
internal sealed partial class AccessiblePage
{
    private const double TextContrast = 4.5, ShapeContrast = 3;   // WCAG 2.1 AA: 1.4.3 and 1.4.11
    private readonly List<string> _faults = [];

    public AccessiblePage(string html)
    {
        Document = new HtmlParser(new() { IsStrictMode = true }).ParseDocument(html);
        Head();
        Headings();
        Names();
        Pictures();
        Tables();
        NothingFromOutside(html);
        foreach (var scheme in (string[])["light", "dark"]) Contrasts(scheme);
        TextOnCells();
    }

    public IDocument Document { get; }

    public IReadOnlyList<string> Faults => _faults;

    public string[] Sections => [.. Document.QuerySelectorAll("h2").Select(h => h.TextContent)];

    public string Text => Document.Body!.TextContent;

    public IElement Table(string caption)
        => Document.QuerySelectorAll("table").Single(t => t.QuerySelector("caption")!.TextContent.StartsWith(caption, StringComparison.Ordinal));

    public string[][] Rows(string caption) => [.. Table(caption).QuerySelectorAll("tbody tr").Select(r => r.Children.Select(c => c.TextContent).ToArray())];

    public IElement Picture(string title) => Document.QuerySelectorAll("svg.picture").Single(p => p.QuerySelector("title")!.TextContent == title);

    private void Fault(bool isOne, string what)
    {
        if (isOne) _faults.Add(what);
    }

    private void Head()
    {
        Fault(Document.DocumentElement.GetAttribute("lang") != "en", "html has no lang");
        Fault(string.IsNullOrWhiteSpace(Document.Title), "no title");
        Fault(Document.QuerySelector("meta[name=viewport]")?.GetAttribute("content")?.Contains("width=device-width", StringComparison.Ordinal) != true,
            "no viewport");
        Fault(Document.QuerySelector("meta[charset]") is null, "no charset");
        Fault(Document.QuerySelectorAll("main").Length != 1, "not one main");
        Fault(Document.QuerySelectorAll("nav").Any(n => !n.HasAttribute("aria-label")), "a nav without a name");
    }

    private void Headings()
    {
        int[] levels = [.. Document.QuerySelectorAll("h1,h2,h3,h4,h5,h6").Select(h => h.LocalName[1] - '0')];
        Fault(levels.Count(l => l == 1) != 1 || levels[0] != 1, "not one h1, at the top");
        foreach (var (before, after) in levels.Zip(levels.Skip(1))) Fault(after > before + 1, $"h{after} follows h{before}");
        Fault(Document.QuerySelectorAll("h1,h2,h3").Any(h => string.IsNullOrWhiteSpace(h.TextContent)), "an empty heading");
    }

    /// <summary>IDs are unique, and references to them are valid.</summary>
    private void Names()
    {
        var ids = Document.All.Select(e => e.GetAttribute("id")).OfType<string>().ToList();
        foreach (var twice in ids.GroupBy(i => i).Where(g => g.Count() > 1)) _faults.Add($"id {twice.Key} {twice.Count()} times");
        foreach (var element in Document.All)
        {
            foreach (var id in (element.GetAttribute("aria-labelledby") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
                Fault(!ids.Contains(id), $"{element.LocalName} is named by {id}, which does not exist");
            if (element.GetAttribute("href") is { } link) Fault(!link.StartsWith('#') || !ids.Contains(link[1..]), $"a link to {link}");
            if (element.GetAttribute("tabindex") is not null)
                Fault(element.GetAttribute("role") != "region" || string.IsNullOrWhiteSpace(element.GetAttribute("aria-label")),
                    $"a {element.LocalName} that the keyboard reaches has no name");
        }
    }

    private void Pictures()
    {
        foreach (var svg in Document.QuerySelectorAll("svg"))
        {
            if (svg.GetAttribute("aria-hidden") == "true") continue;
            Fault(svg.GetAttribute("role") != "img", "a picture without role img");
            Fault(string.IsNullOrWhiteSpace(svg.QuerySelector("title")?.TextContent), "a picture without a title");
            Fault(string.IsNullOrWhiteSpace(svg.QuerySelector("desc")?.TextContent),
                $"picture {svg.QuerySelector("title")?.TextContent} without a description");
            Fault(svg.GetAttribute("aria-labelledby") != $"{svg.QuerySelector("title")?.Id} {svg.QuerySelector("desc")?.Id}",
                "a picture that is not named by its title and description");
            Fault(!svg.HasAttribute("viewBox") || svg.HasAttribute("width"), "a picture that does not follow the screen's width");
            Fault(svg.ParentElement!.Closest("figure")?.QuerySelector("figcaption") is null, "a picture without a caption");
        }
        foreach (var figure in Document.QuerySelectorAll("figure")) Fault(figure.QuerySelector("svg[role=img]") is null, "a figure without a picture");
    }

    private void Tables()
    {
        foreach (var table in Document.QuerySelectorAll("table"))
        {
            var caption = table.QuerySelector("caption")?.TextContent;
            Fault(string.IsNullOrWhiteSpace(caption), "a table without a caption");
            Fault(table.QuerySelectorAll("th").Any(h => h.GetAttribute("scope") is not ("col" or "row")), $"{caption}: a th without scope");
            Fault(table.QuerySelectorAll("thead th").Any(h => string.IsNullOrWhiteSpace(h.TextContent)), $"{caption}: a column without a name");
            Fault(table.QuerySelectorAll("tbody tr").Any(r => r.Children.Length != table.QuerySelectorAll("thead th").Length),
                $"{caption}: a row with other columns than the head");
            Fault(table.ParentElement?.ClassName != "scroll", $"{caption}: does not scroll where it is too wide");
        }
    }

    private void NothingFromOutside(string html)
    {
        string[] elements = ["script", "link", "img", "iframe", "object", "embed", "base", "form", "video", "audio", "use", "image", "foreignObject"];
        foreach (var name in elements)
            Fault(Document.QuerySelector(name) is not null, $"an element {name}");
        foreach (var element in Document.All)
            foreach (var attribute in element.Attributes)
                Fault(attribute.Name.StartsWith("on", StringComparison.OrdinalIgnoreCase)
                    || attribute.Name is "src" or "srcset" or "action" or "data" or "http-equiv",
                    $"an attribute {attribute.Name} of {element.LocalName}");
        var style = string.Concat(Document.QuerySelectorAll("style").Select(s => s.TextContent));
        Fault(style.Contains("@import", StringComparison.OrdinalIgnoreCase) || style.Contains("url(", StringComparison.OrdinalIgnoreCase),
            "the style fetches something");
        foreach (Match address in Address().Matches(html))
            Fault(Document.All.Any(e => e.Attributes.Any(a => a.Value.Contains(address.Value, StringComparison.Ordinal) && a.Name is not ("aria-label"))),
                $"the address {address.Value}");
    }

    /// <summary>Checks the contrast of every text color on every background, and of every series on the page.</summary>
    private void Contrasts(string scheme)
    {
        var style = string.Concat(Document.QuerySelectorAll("style").Select(s => s.TextContent));
        var colors = Variables().Match(style).Groups[1].Value + (scheme == "dark" ? Dark().Match(style).Groups[1].Value : "");
        var values = Variable().Matches(colors).GroupBy(m => m.Groups[1].Value).ToDictionary(g => g.Key, g => g.Last().Groups[2].Value);
        string[] backgrounds = [.. Background().Matches(style).Select(m => m.Groups[1].Value).Distinct()];
        string[] inks = [.. Ink().Matches(style).Select(m => m.Groups[1].Value).Distinct().Except(["page"])];
        Fault(!backgrounds.Contains("page") || inks.Length < 4, "the colors are not found");
        foreach (var ink in inks)
            foreach (var background in backgrounds) Check(ink, background, TextContrast);
        foreach (var shape in values.Keys.Where(k => k.Length == 2 && k[0] == 's')) Check(shape, "page", ShapeContrast);

        void Check(string front, string back, double min)
        {
            var contrast = Contrast(values[front], values[back]);
            Fault(contrast < min, string.Create(CultureInfo.InvariantCulture,
                $"{scheme}: {front} {values[front]} on {back} {values[back]} has contrast {contrast:F2}, needs {min}"));
        }
    }

    /// <summary>Checks the text of heat maps on the cells below it.</summary>
    private void TextOnCells()
    {
        foreach (var text in Document.QuerySelectorAll("svg.picture text.figure"))
        {
            double x = Number(text, "x"), y = Number(text, "y");
            var cell = text.Closest("svg")!.QuerySelectorAll("rect[fill^='#']").LastOrDefault(r =>
                Number(r, "x") <= x && x <= Number(r, "x") + Number(r, "width") && Number(r, "y") <= y && y <= Number(r, "y") + Number(r, "height"));
            if (cell is null) _faults.Add($"figure {text.TextContent} is on no cell");
            else Fault(Contrast(text.GetAttribute("style")!["fill:".Length..], cell.GetAttribute("fill")!) < TextContrast,
                $"figure {text.TextContent} is hard to read on {cell.GetAttribute("fill")}");
        }

        static double Number(IElement element, string name) => double.Parse(element.GetAttribute(name) ?? "0", CultureInfo.InvariantCulture);
    }

    /// <summary>WCAG 2.1: (L1 + 0.05) / (L2 + 0.05).</summary>
    public static double Contrast(string one, string two)
    {
        double[] light = [.. new[] { one, two }.Select(Luminance).OrderDescending()];
        return (light[0] + 0.05) / (light[1] + 0.05);

        static double Luminance(string color)
        {
            if (color.Length == 4) color = $"#{color[1]}{color[1]}{color[2]}{color[2]}{color[3]}{color[3]}";
            double[] linear =
            [
                .. Enumerable.Range(0, 3)
                    .Select(i => Convert.ToInt32(color.Substring(1 + 2 * i, 2), 16) / 255.0)
                    .Select(c => c <= 0.03928 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4)),
            ];
            return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
        }
    }

    [GeneratedRegex(@"(?:https?:)?//[\w.]+")] private static partial Regex Address();
    [GeneratedRegex(@":root \{([^}]*)\}")] private static partial Regex Variables();
    [GeneratedRegex(@"prefers-color-scheme: dark\) \{\s*:root \{([^}]*)\}")] private static partial Regex Dark();
    [GeneratedRegex(@"--(\w+): (#[0-9a-fA-F]{3,6})")] private static partial Regex Variable();
    [GeneratedRegex(@"background: var\(--(\w+)\)")] private static partial Regex Background();
    [GeneratedRegex(@"(?:[ ;{]color|fill): var\(--(\w+)\)")] private static partial Regex Ink();
}
