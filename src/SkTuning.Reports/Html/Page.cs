using System.Globalization;
using System.Text;
using SkTuning.Reports.Formatting;
using SkTuning.Reports.Pictures;

namespace SkTuning.Reports.Html;

/// <summary>
/// A self-contained HTML file: styles and pictures are embedded, and there are no scripts or external links. Headings are in order (one h1, an h2 per section,
/// h3 within sections), every table has a caption and scopes, and every picture has a title and a description. All text is encoded here.
/// </summary>
internal sealed class Page(string title, string lead)
{
    private static readonly string Style = ReadStyle();

    private readonly List<StringBuilder> _parts = [new()];
    private readonly List<(string Id, string Title)> _sections = [];
    private int _pictures;

    private StringBuilder Body => _parts[^1];

    /// <summary>Begins a section.</summary>
    public void Section(string heading)
    {
        if (_sections.Count > 0) Body.Append("</section>\n");
        var id = $"section-{_sections.Count + 1}";
        _sections.Add((id, heading));
        Body.Append(CultureInfo.InvariantCulture, $"<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{Encoded.Text(heading)}</h2>\n");
    }

    /// <summary>Adds a heading within the section.</summary>
    public void Heading(string heading) => Body.Append(CultureInfo.InvariantCulture, $"<h3>{Encoded.Text(heading)}</h3>\n");

    /// <summary>Returns a placeholder: content added to it later appears at the current position of the page.</summary>
    public Page Placeholder()
    {
        var placeholder = new Page(title, lead);
        _parts.AddRange([placeholder.Body, new()]);
        return placeholder;
    }

    public void Text(string text) => Body.Append(CultureInfo.InvariantCulture, $"<p>{Encoded.Text(text)}</p>\n");

    /// <summary>Adds a highlighted note.</summary>
    public void Note(string text) => Body.Append(CultureInfo.InvariantCulture, $"<p class=\"note\">{Encoded.Text(text)}</p>\n");

    public void List(IEnumerable<string> items)
    {
        Body.Append("<ul>\n");
        foreach (var item in items) Body.Append(CultureInfo.InvariantCulture, $"<li>{Encoded.Text(item)}</li>\n");
        Body.Append("</ul>\n");
    }

    /// <summary>Adds name–value pairs, except those without a value.</summary>
    public void Facts(IEnumerable<(string Name, string? Value)> facts)
    {
        Body.Append("<dl class=\"facts\">\n");
        foreach (var (name, value) in facts)
            if (value is not null) Body.Append(CultureInfo.InvariantCulture, $"<div><dt>{Encoded.Text(name)}</dt><dd>{Encoded.Text(value)}</dd></div>\n");
        Body.Append("</dl>\n");
    }

    /// <summary>Adds a table whose first column contains the row headers.</summary>
    public void Table(string caption, IReadOnlyList<Column> columns, IEnumerable<IReadOnlyList<TableCell>> rows)
    {
        // The scrollable region can be focused with the keyboard and therefore needs a name.
        Body.Append(CultureInfo.InvariantCulture, $"<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{Encoded.Text(caption)}\">\n");
        Body.Append(CultureInfo.InvariantCulture, $"<table>\n<caption><span>{Encoded.Text(caption)}</span></caption>\n<thead><tr>");
        foreach (var column in columns)
            Body.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\" class=\"{column.Class}\">{Encoded.Text(column.Title)}</th>");
        Body.Append("</tr></thead>\n<tbody>\n");
        foreach (var row in rows)
        {
            Body.Append("<tr>");
            for (var c = 0; c < row.Count; c++)
                Body.Append(c == 0
                    ? $"<th scope=\"row\" class=\"{columns[c].Class}\">{row[c].Html}</th>"
                    : $"<td class=\"{columns[c].Class}\">{row[c].Html}</td>");
            Body.Append("</tr>\n");
        }
        Body.Append("</tbody>\n</table>\n</div>\n");
    }

    /// <summary>Adds pictures, side by side if there is room, and disposes them.</summary>
    public void Pictures(params IEnumerable<Picture?> pictures)
    {
        var drawn = pictures.OfType<Picture>().ToList();
        if (drawn.Count == 0) return;
        Body.Append("<div class=\"pictures\">\n");
        foreach (var picture in drawn)
        {
            Body.Append(CultureInfo.InvariantCulture, $"<figure>\n<figcaption>{Encoded.Text(picture.Title)}</figcaption>\n");
            if (picture.MinWidth > 0)
                Body.Append(CultureInfo.InvariantCulture, $"<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{Encoded.Text(picture.Title)}\">")
                    .Append(CultureInfo.InvariantCulture, $"<div style=\"min-width:{picture.MinWidth}px\">\n");
            Body.Append(picture.Svg($"picture-{++_pictures}"));
            if (picture.MinWidth > 0) Body.Append("</div></div>\n");
            if (picture.Legend.Count > 0)
            {
                Body.Append("<ul class=\"legend\">");
                foreach (var (name, line) in picture.Legend) Body.Append(CultureInfo.InvariantCulture, $"<li>{line.Swatch}{Encoded.Text(name)}</li>");
                Body.Append("</ul>\n");
            }
            Body.Append(CultureInfo.InvariantCulture, $"<p class=\"caption\">{Encoded.Text(picture.Caption)}</p>\n</figure>\n");
            picture.Dispose();
        }
        Body.Append("</div>\n");
    }

    /// <summary>Returns the HTML file.</summary>
    /// <param name="footer">The last line: how the file was generated.</param>
    public string ToHtml(string footer)
    {
        var html = new StringBuilder();
        html.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .Append(CultureInfo.InvariantCulture, $"<title>{Encoded.Text(title)}</title>\n<style>\n{Style}</style>\n</head>\n<body>\n")
            .Append(CultureInfo.InvariantCulture, $"<a class=\"skip\" href=\"#content\">Skip to content</a>\n<header>\n<h1>{Encoded.Text(title)}</h1>\n")
            .Append(CultureInfo.InvariantCulture, $"<p class=\"lead\">{Encoded.Text(lead)}</p>\n<nav aria-label=\"Contents\"><ul>\n");
        foreach (var (id, heading) in _sections) html.Append(CultureInfo.InvariantCulture, $"<li><a href=\"#{id}\">{Encoded.Text(heading)}</a></li>\n");
        html.Append("</ul></nav>\n</header>\n<main id=\"content\">\n").AppendJoin("", _parts).Append(_sections.Count > 0 ? "</section>\n" : "");
        return html.Append(CultureInfo.InvariantCulture, $"</main>\n<footer><p>{Encoded.Text(footer)}</p></footer>\n</body>\n</html>\n").ToString();
    }

    private static string ReadStyle()
    {
        using var stream = typeof(Page).Assembly.GetManifestResourceStream("report.css")!;
        return new StreamReader(stream).ReadToEnd();
    }
}
