using System.Text.Json;
using SkTuning.Tokenizers;
using SkTuning.Tokenizers.Chat;

namespace SkTuning.Tests.Tokenizers;

/// <summary>Templates come from files: whatever they compute, they neither end the process nor take more than a little time and memory.</summary>
public sealed class ChatTemplateLimitTests
{
    private const string Double = "{% set ns = namespace(x='aaaaaaaaaaaaaaaa') %}{% for i in range(17) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}";

    public static TheoryData<string> Endless() =>
    [
        "{% set ns = namespace(x=[1]) %}{% for i in range(40) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{ ns.x | length }}",
        "{% set ns = namespace(x='a') %}{% for i in range(40) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{ ns.x | length }}",
        "{% set ns = namespace(x='a') %}{% for i in range(40) %}{% set ns.x %}{{ ns.x }}{{ ns.x }}{% endset %}{% endfor %}",
        "{% set ns = namespace(x=[1], y=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, ns.y] %}{% endfor %}"
            + "{{ ns.x == ns.y }}",
        "{% for i in range(100000) if range(100000) | length > 100000000 %}{% endfor %}",
        "{% set ns = namespace(x=['aaaaaaaaaaaaaaaa']) %}{% for i in range(17) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{ ns.x | join('bbbbbbbb') }}",
        "{{ 'a' " + string.Concat(Enumerable.Repeat("| replace('a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa') ", 7)) + "| length }}",
        Double + "{% for i in range(100000) %}{% set y = ns.x | upper %}{% endfor %}",
        Double + "{% for i in range(100000) %}{% if 'b' in ns.x %}{% endif %}{% endfor %}",
        Double + "{% for i in range(100000) %}{% set y = ns.x[1:] %}{% endfor %}",
        Double + "{{ ns.x.split('a') | length }}",
        Double + "{% for c in ns.x %}{{ c }}{% endfor %}",
        "{% for a in range(90000) %}{% for b in {'k': 1, 'l': 2}.items() %}{% for c in range(100) %}{{ c }}{% endfor %}{% endfor %}{% endfor %}",
        "{% set ns = namespace(x={}) %}{% for i in range(99999) %}{% set ns.x = {'a': ns.x, 'b': {}, 'c': []} %}{% endfor %}",
        "{% for a in range(90000) %}{{ " + new string('a', 90_000) + " }}{% endfor %}",
    ];

    [Theory]
    [MemberData(nameof(Endless))]
    public void A_template_that_makes_too_much_is_stopped(string template)
        => Assert.StartsWith("The chat template runs too long", Refused(template));

    [Theory]
    [InlineData("{{ (-9223372036854775807 - 1) % -1 }}", "0")]
    [InlineData("{{ 7 % -3 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 // -2 }} {{ -(-5) }} {{ +3 }} {{ - -3 }}", "-2 -4 2 -4 5 3 3")]
    [InlineData("{{ range(0, 9223372036854775807, 9223372036854775807) | list }}{{ x }}", null)]
    [InlineData("{{ range(0, 9223372036854775807, 9223372036854775807) | length }} {{ range(5, 0, -2) | join(',') }}", "1 5,3,1")]
    [InlineData("{{ range(0, 10, -9223372036854775807) | length }}", "0")]
    [InlineData("{{ 'abc'[-9223372036854775807:9223372036854775807] }}{{ [1][9223372036854775807] is defined }}", "abcFalse")]
    [InlineData("{{ ' 1_000 ' | int }} {{ '-3.7' | int }} {{ 'x' | int(5) }} {{ '1__0' | int }} {{ true | int }}", "1000 -3 5 0 1")]
    [InlineData("{{ 3 > 2 > 1 }} {{ 1 < 2 < 2 }} {{ 1 == 1 in [1] }} {{ 2 not in [1] == true }}", "True False True False")]
    [InlineData("{{ -3 | string | length }} {{ 'xaax' | trim('x') }}", "2 aa")]
    [InlineData("{% set ns = namespace(x=1) %}{% set ns.x = ns %}{{ ns == ns.x }}{{ {'a': ns} == {'a': ns} }}{{ dict(a=1) == {'a': 1} }}", "TrueTrueTrue")]
    public void Numbers_and_comparisons_are_those_of_Python(string template, string? expected)
    {
        if (expected is null) Assert.Contains("writes a list", Refused(template));
        else Assert.Equal(expected, Render(template));
    }

    [Theory]
    [InlineData("{{ (-9223372036854775807 - 1) // -1 }}")]
    [InlineData("{{ -(-9223372036854775807 - 1) }}")]
    [InlineData("{{ 9223372036854775807 + 1 }}")]
    [InlineData("{{ -9223372036854775807 - 2 }}")]
    [InlineData("{{ 9223372036854775807 * 9223372036854775807 }}")]
    [InlineData("{{ '99999999999999999999' | int }}")]
    [InlineData("{{ '1e30' | int }}")]
    [InlineData("{{ '9.223372036854775808e18' | int }}")]
    public void A_number_of_more_than_64_bits_is_refused(string template)
        => Assert.Equal("The chat template computes a number of more than 64 bits.", Refused(template));

    [Theory]
    [InlineData("{{ range(-9223372036854775807, 9223372036854775807) | length }}", "creates a range of 18446744073709551614 numbers, more than 100000")]
    [InlineData("{{ range(-9223372036854775807, 9223372036854775807, 1000) | length }}", "creates a range of 18446744073709552 numbers")]
    [InlineData("{{ range(1, 2, 0) }}", "calls range with a step of 0")]
    public void A_range_is_counted_before_it_is_made(string template, string message) => Assert.Contains(message, Refused(template));

    [Fact]
    public void Chains_of_any_length_are_evaluated()
    {
        Assert.Equal("20000", Render("{{ 1" + Repeat("+1", 19_999) + " }}"));
        Assert.Equal("True", Render("{{ false" + Repeat(" or false", 20_000) + " or true }}"));
        Assert.Equal("True", Render("{{ true" + Repeat(" and true", 20_000) + " }}"));
        Assert.Equal("A", Render("{{ 'a'" + Repeat("|upper", 20_000) + " }}"));
        Assert.Equal("ok", Render("{% if false %}" + Repeat("{% elif false %}", 10_000) + "{% else %}ok{% endif %}"));
        Assert.Equal("False", Render("{{ 1" + Repeat(" < 2", 10_000) + " }}"));
        Assert.Equal("True", Render("{{ 'a'" + Repeat(" is defined", 10_000) + " }}"));
        Assert.Equal(1_000, Render("{{ 'a'" + Repeat(" ~ 'a'", 999) + " }}").Length);
        Assert.Equal(60_000, Render("{{ " + Repeat("'a' ", 60_000) + " }}").Length);
        Assert.Contains("not defined", Refused("{{ x" + Repeat(".y", 20_000) + " }}"));
        Assert.Contains("not defined", Refused("{{ x" + Repeat("[0]", 20_000) + " }}"));
    }

    [Fact]
    public void Nesting_is_limited()
    {
        string[] templates =
        [
            "{{ " + Repeat("not ", 5_000) + "true }}", "{{ " + Repeat("-", 5_000) + "1 }}", "{{ " + Repeat("(", 5_000) + "1" + Repeat(")", 5_000) + " }}",
            "{{ " + Repeat("[", 5_000) + Repeat("]", 5_000) + " }}", "{{ 1" + Repeat(" if true", 5_000) + " }}",
            "{{ 1" + Repeat(" if true else 1", 5_000) + " }}", Repeat("{% if true %}", 5_000) + Repeat("{% endif %}", 5_000),
        ];
        foreach (var template in templates) Assert.Contains("nested too deeply", Refused(template));
    }

    [Fact]
    public void Values_that_a_loop_nests_deeply_are_compared_without_recursion_to_the_end()
    {
        const string nested = "{% set ns = namespace(x=[1], y=[1]) %}{% for i in range(10000) %}{% set ns.x = [ns.x] %}{% set ns.y = [ns.y] %}{% endfor %}";
        Assert.Contains("nests values too deeply", Refused(nested + "{{ ns.x == ns.y }}"));
        Assert.Contains("nests values too deeply", Refused(nested + "{{ ns.x in [ns.y] }}"));
        Assert.Contains("writes a list", Refused(nested + "{{ ns.x }}"));
        Assert.Contains("nests values too deeply", Refused(nested.Replace("[ns.x]", "{'k': ns.x}").Replace("[ns.y]", "{'k': ns.y}") + "{{ ns.x == ns.y }}"));
    }

    [Fact]
    public void A_long_conversation_has_a_larger_budget()
    {
        var text = string.Concat(Enumerable.Repeat("some words ", 200_000));
        const string template = "{% for m in messages %}{{ '<' + m.role + '>' + m.content.strip() | replace('some', 'more') + '\n' }}{% endfor %}";
        var rendered = Template.Parse(template).Render(new Dictionary<string, object?>
        {
            ["messages"] = new List<object?> { new Dictionary<string, object?> { ["role"] = "user", ["content"] = text } },
        });
        Assert.Equal("<user>" + text.Trim().Replace("some", "more") + "\n", rendered);
    }

    [Fact]
    public void A_template_of_a_million_characters_is_refused()
        => Assert.StartsWith("The chat template has 1000000 characters, more than", Refused(new string('a', 1_000_000)));

    [Theory]
    [InlineData("{{ 1 // 0 }}", "divides by zero.")]
    [InlineData("{{ raise_exception('no\nway') }}", "rejects the conversation: no way")]
    [InlineData("{% if", "has")]
    public void A_failure_names_the_file_and_the_entry(string template, string message)
    {
        using var folder = new TemporaryFolder();
        File.Copy(TokenizerFixture.Style("style-gpt2"), folder["tokenizer.json"]);
        File.WriteAllText(folder["tokenizer_config.json"], $"{{\"chat_template\": {JsonSerializer.Serialize(template)}}}");
        var fault = Assert.Throws<SkTuningFileException>(() => TextTokenizer.Load(folder.Path).RenderChat([new("user", "hi")]));
        Assert.StartsWith($"{folder["tokenizer_config.json"]}: 'chat_template' {message}", fault.Message);
        Assert.Equal(folder["tokenizer_config.json"], fault.File);
        Assert.DoesNotContain('\n', fault.Message);
    }

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    private static string Render(string template) => Template.Parse(template).Render(new Dictionary<string, object?>());

    private static string Refused(string template) => Assert.ThrowsAny<SkTuningException>(() => Render(template)).Message;
}
