using System.Net;
using System.Text.Json.Nodes;
using AngleSharp.Html.Parser;
using Microsoft.AspNetCore.Routing;

namespace SkTuning.Tests.Server;

/// <summary>What the server says about itself: its API, its metrics, its page.</summary>
[Collection(MicroAdapters.Collection)]
public sealed class ServerDocumentTests(MicroAdapters adapters)
{
    [Fact]
    public async Task The_description_has_every_path_and_method_and_no_other()
    {
        await using var server = await RunningServer.StartAsync(adapters, "words");
        var described = (await server.GetAsync("/openapi.json"))["paths"]!.AsObject()
            .SelectMany(p => p.Value!.AsObject().Where(m => m.Key != "parameters").Select(m => $"{m.Key.ToUpperInvariant()} {p.Key}")).ToList();
        var mapped = server.Server.Endpoints.OfType<RouteEndpoint>()
            .SelectMany(e => e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Where(m => m != "HEAD").Select(m => $"{m} {e.RoutePattern.RawText}"));
        Assert.Equal(mapped.Order(), described.Order());
    }

    [Fact]
    public async Task The_description_refers_only_to_what_it_has()
    {
        await using var server = await RunningServer.StartAsync(adapters);
        var api = await server.GetAsync("/openapi.json");
        Assert.Equal("3.1.0", (string)api["openapi"]!);
        var references = Nodes(api).OfType<JsonObject>().Select(o => o["$ref"]).OfType<JsonNode>().Select(r => (string)r!).ToList();
        Assert.NotEmpty(references);
        foreach (var reference in references.Distinct())
            Assert.NotNull(reference[2..].Split('/').Aggregate((JsonNode?)api, (node, key) => node?[key]));
    }

    [Theory]
    [InlineData("/v1/classify", """{"adapter":"words","text":"my card"}""", "ClassifyAnswer")]
    [InlineData("/v1/decide", """{"adapters":["words"],"text":"my card"}""", "DecideAnswer")]
    [InlineData("/v1/adapters", null, "AdapterList")]
    [InlineData("/v1/adapters/words", null, "Adapter")]
    [InlineData("/v1/adapters/none", null, "Problem")]
    [InlineData("/v1/adapters/words/corrections", """{"text":"my card","label":"bill"}""", "CorrectionAnswer")]
    public async Task An_answer_has_the_properties_of_its_schema_and_no_other(string path, string? body, string schema)
    {
        await using var server = await RunningServer.StartAsync(adapters, "words");
        using var answer = body is null ? await server.Client.GetAsync(path)
            : await server.Client.PostAsync(path, new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
        var schemas = (await server.GetAsync("/openapi.json"))["components"]!["schemas"]!;
        Check(schemas[schema]!, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!, schema);

        void Check(JsonNode expected, JsonNode? actual, string at)
        {
            if (expected["$ref"] is { } reference) expected = schemas[((string)reference!).Split('/')[^1]]!;
            if (expected["items"] is { } items)
            {
                Assert.NotEmpty(actual!.AsArray());
                foreach (var item in actual.AsArray()) Check(items, item, at + "[]");
            }
            if (expected["properties"] is not JsonObject properties) return;
            foreach (var required in expected["required"]?.AsArray() ?? []) Assert.True(actual!.AsObject().ContainsKey((string)required!), $"{at}.{required}");
            foreach (var (name, value) in actual!.AsObject())
            {
                Assert.True(properties.ContainsKey(name), $"{at}.{name} is not described");
                Check(properties[name]!, value, $"{at}.{name}");
            }
        }
    }

    [Fact]
    public async Task Metrics_count_requests_by_route_and_name_no_path_that_a_caller_made_up()
    {
        await using var server = await RunningServer.StartAsync(adapters, "words");
        await using var other = await RunningServer.StartAsync(adapters, "words");
        for (var i = 0; i < 3; i++) await server.PostAsync("/v1/classify", """{"adapter":"words","text":"my card"}""");
        await server.GetAsync("/made-up", HttpStatusCode.NotFound);
        var text = await server.Client.GetStringAsync("/metrics");
        Assert.Contains("sktuning_http_duration_seconds_count{method=\"POST\",route=\"/v1/classify\",status=\"200\"} 3\n", text, StringComparison.Ordinal);
        Assert.Contains("route=\"none\",status=\"404\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("made-up", text, StringComparison.Ordinal);
        Assert.Contains("\nsktuning_adapters 1\n", text, StringComparison.Ordinal);
        Assert.All(text.TrimEnd('\n').Split('\n'),
            line => Assert.Matches(@"^(# (HELP|TYPE) [a-z_]+ .*|[a-z_]+(\{([a-z_]+=""[^""\n]*"",?)+\})? [-0-9.eE+]+)$", line));
        // Two servers in a process have instruments of the same name.
        var series = text.Split('\n').Where(l => l.Length > 0 && l[0] != '#').Select(l => l[..l.LastIndexOf(' ')]).ToList();
        Assert.Equal(series.Distinct().Count(), series.Count);
    }

    [Fact]
    public async Task The_page_has_no_resource_of_another_site_and_no_script_in_its_text()
    {
        await using var server = await RunningServer.StartAsync(adapters);
        using var answer = await server.Client.GetAsync("/");
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        var page = new HtmlParser().ParseDocument(await answer.Content.ReadAsStringAsync());
        Assert.All(page.QuerySelectorAll("script"), s => Assert.Equal("page.js", s.GetAttribute("src")));
        Assert.All(page.QuerySelectorAll("link[rel=stylesheet]"), l => Assert.Equal("page.css", l.GetAttribute("href")));
        Assert.Empty(page.QuerySelectorAll("style, [style], iframe, object, embed"));
        Assert.DoesNotContain(page.All.SelectMany(e => e.Attributes), a => a.Name.StartsWith("on", StringComparison.Ordinal)
            || a.Value.Contains("//", StringComparison.Ordinal));
        var script = await server.Client.GetStringAsync("/page.js");
        foreach (var banned in (string[])["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "http://", "https://"])
            Assert.DoesNotContain(banned, script, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_on_the_page_that_is_used_has_a_name_and_everything_the_script_looks_for_is_there()
    {
        await using var server = await RunningServer.StartAsync(adapters);
        var page = new HtmlParser().ParseDocument(await server.Client.GetStringAsync("/"));
        Assert.Equal("en", page.DocumentElement.GetAttribute("lang"));
        Assert.NotEmpty(page.Title!);
        Assert.Single(page.QuerySelectorAll("h1"));
        Assert.NotNull(page.QuerySelector("main"));
        Assert.All(page.QuerySelectorAll("input, select, textarea"), e => Assert.NotNull(page.QuerySelector($"label[for='{e.Id}']")));
        Assert.All(page.QuerySelectorAll("button"), b => Assert.NotEmpty(b.TextContent.Trim()));
        Assert.NotEmpty(page.QuerySelectorAll("[aria-live], [role=status], [role=alert]"));
        var script = await server.Client.GetStringAsync("/page.js");
        var ids = System.Text.RegularExpressions.Regex.Matches(script, @"\$\(""([a-z-]+)""\)").Select(m => m.Groups[1].Value).Distinct().ToList();
        Assert.NotEmpty(ids);
        Assert.All(ids, id => Assert.NotNull(page.GetElementById(id)));
    }

    private static IEnumerable<JsonNode?> Nodes(JsonNode? node) => node switch
    {
        JsonObject o => o.SelectMany(p => Nodes(p.Value)).Prepend(node),
        JsonArray a => a.SelectMany(Nodes).Prepend(node),
        _ => [node],
    };
}
