using SkTuning.Tokenizers;
using SkTuning.Tokenizers.Chat;

namespace SkTuning.Tests.Tokenizers;

/// <summary>Chat templates. The expected texts are the output of Jinja2, configured as in transformers.</summary>
public sealed class ChatTemplateTests
{
    private static readonly ChatMessage[] Conversation =
        [new("system", " You are kind. "), new("user", "Hello\n there "), new("assistant", " Hi! "), new("user", "stop")];

    public static TheoryData<string, string, string> Templates() => new()
    {
        {
            "plain",
            "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m.content + '<|im_end|>' + '\n' }}{% endfor %}" +
            "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
            "<|im_start|>system\n You are kind. <|im_end|>\n<|im_start|>user\nHello\n there <|im_end|>\n<|im_start|>assistant\n" +
            " Hi! <|im_end|>\n<|im_start|>user\nstop<|im_end|>\n<|im_start|>assistant\n"
        },
        {
            "system first",
            "{%- if messages[0]['role'] == 'system' -%}\n    {%- set system = messages[0]['content'] | trim -%}\n" +
            "    {%- set rest = messages[1:] -%}\n{%- else -%}\n    {%- set system = none -%}\n    {%- set rest = messages -%}\n" +
            "{%- endif -%}\n{{- bos_token }}\n{%- if system is not none %}\n<<SYS>>\n{{ system }}\n<</SYS>>\n{% endif %}\n" +
            "{% for m in rest %}\n    {% if loop.first and not system %}\n    [first]\n    {% endif %}\n" +
            "    {%- if m.role == 'user' %}\n        {{- '[INST] ' ~ m.content.strip() ~ ' [/INST]' }}\n" +
            "    {%- elif m.role == 'assistant' %}\n        {{- ' ' + m['content'] | trim + ' ' + eos_token }}\n    {%- else %}\n" +
            "        {{- raise_exception('only user and assistant') }}\n    {%- endif %}\n{% endfor %}\n",
            "<s><<SYS>>\nYou are kind.\n<</SYS>>\n[INST] Hello\n there [/INST] Hi! </s>[INST] stop [/INST]"
        },
        {
            "namespace",
            "{% set ns = namespace(found=false, count=0) %}\n{# a comment #}\n{% for m in messages %}\n" +
            "  {% if m.role == 'user' and not ns.found %}\n    {% set ns.found = true %}\n  {% endif %}\n" +
            "  {% set ns.count = ns.count + 1 %}\n{% endfor %}\n{{ ns.count }} {{ ns.found }} {{ messages | length }}" +
            " {{ messages[-1].content[:3] | upper }} {{ 'x' if ns.count > 2 else 'y' }}\n",
            "4 True 4 STO x"
        },
        {
            "filters",
            "{{ messages | length }}{{ missing | default('d') }}{{ missing is defined }}{{ 7 // 2 }}{{ -7 % 3 }}" +
            "{{ [1,2,3] | join('-') }}{{ 'a,b'.split(',')[1] }}{{ {'k': 'v'}.get('k') }}{{ {'k': 'v'}['k'] }}" +
            "{% for k, v in {'a': 1, 'b': 2}.items() %}{{ k }}={{ v }}{% if not loop.last %}, {% endif %}{% endfor %}{{ none }}" +
            "{{ true and 'yes' or 'no' }}",
            "4dFalse321-2-3bvva=1, b=2Noneyes"
        },
        {
            "default values",
            "[{{ missing | default }}|{{ missing | d() }}|{{ none | default('d') }}|{{ '' | default('d') }}|{{ '' | default('d', true) }}" +
            "|{{ 'v' | default('d', true) }}|{{ '' | default('d', false) }}]",
            "[||None||d|v|]"
        },
        {
            "brackets in brackets",
            "{{ {'a': [1, {'b': (2)}]}['a'][1]['b'] }}}{{ [[[1]]][0][0][0] }}{% set x = {'k': {'l': 3}} %}{{ x['k']['l'] }}",
            "2}13"
        },
        {
            "loops",
            "{% for m in messages if m.role != 'system' %}{{ loop.index }}/{{ loop.length }}{% if loop.index0 % 2 == 1 %}" +
            "{% continue %}{% endif %}{{ m.content }}|{% if m.content == 'stop' %}{% break %}{% endif %}{% else %}none{% endfor %}" +
            "{% set block %}in {{ messages[0].role }}{% endset %}{{ block }}{{ range(3) | list | last }}" +
            "{{ 'user' in messages[0].role }}{{ messages[0].role not in ['a', 'b'] }}",
            "1/3Hello\n there |2/33/3stop|in system2FalseTrue"
        },
    };

    [Theory]
    [MemberData(nameof(Templates))]
    public void A_template_renders_as_in_Jinja2(string name, string template, string expected)
    {
        Assert.NotEmpty(name);
        Assert.Equal(expected, Render(template, Conversation, addGenerationPrompt: true));
    }

    [Theory]
    [InlineData("{% macro f() %}{% endmacro %}", "The chat template has 'macro' at position 0, which is not supported.")]
    [InlineData("{{ strftime_now('%Y') }}", "The chat template calls 'strftime_now', which is not implemented.")]
    [InlineData("{{ messages | groupby('role') }}", "The chat template uses the filter 'groupby', which is not implemented.")]
    [InlineData("{{ raise_exception('alternate!') }}", "The chat template rejects the conversation: alternate!")]
    [InlineData("{{ nobody.name }}", "The chat template reads an entry of 'nobody', which is not defined.")]
    [InlineData("{% if true %}", "The chat template has a block without its 'endif' at position")]
    [InlineData("{{ 'a", "The chat template has an unterminated string at position 4")]
    [InlineData("{% for a in range(100000) %}{% for b in range(100000) %}{{ a }}{% endfor %}{% endfor %}", "The chat template runs too long.")]
    public void Unsupported_syntax_is_rejected_with_its_name(string template, string message)
        => Assert.StartsWith(message, Assert.ThrowsAny<SkTuningException>(() => Render(template, Conversation)).Message);

    [Fact]
    public void A_tokenizer_renders_its_own_template()
    {
        var gguf = Path.Combine(Fixtures.Shared, "models", "smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf");
        Fixtures.SkipWithout(gguf);
        var tokenizer = TextTokenizer.FromGguf(GgufMetadata.Tokenizer(gguf));
        var text = tokenizer.RenderChat([new("system", "Be kind."), new("user", "Hi")], addGenerationPrompt: true);
        Assert.Equal("<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n", text);
        Assert.Equal(tokenizer.IdOf("<|im_start|>"), tokenizer.EncodeIds(text, addSpecialTokens: false)[0]);
    }

    [Fact]
    public void A_tokenizer_without_a_template_says_so()
    {
        var tokenizer = TextTokenizer.LoadJson(TokenizerFixture.Style("style-gpt2"));
        var fault = Assert.ThrowsAny<SkTuningException>(() => tokenizer.RenderChat(Conversation));
        Assert.Equal("The model's files contain no chat template.", fault.Message);
    }

    [Fact]
    public void Damaged_templates_neither_crash_nor_hang()
    {
        var random = new Random(3);
        var templates = Templates().Select(t => t.Data.Item2).ToArray();
        for (var i = 0; i < 2_000; i++)
        {
            var text = templates[i % templates.Length].ToList();
            for (var n = random.Next(1, 4); n > 0 && text.Count > 3; n--)
            {
                var at = random.Next(text.Count);
                if (random.Next(2) == 0) text.RemoveRange(at, Math.Min(random.Next(1, 5), text.Count - at));
                else text.InsertRange(at, text.GetRange(random.Next(text.Count / 2), random.Next(1, 4)));
            }
            try
            {
                Render(string.Concat(text), Conversation);
            }
            catch (SkTuningException)
            {
                // A damaged template may also be rejected with a message.
            }
        }
    }

    private static string Render(string template, ChatMessage[] messages, bool addGenerationPrompt = false)
        => Template.Parse(template).Render(new Dictionary<string, object?>
        {
            ["messages"] = messages.Select(object? (m) => new Dictionary<string, object?> { ["role"] = m.Role, ["content"] = m.Content }).ToList(),
            ["add_generation_prompt"] = addGenerationPrompt,
            ["bos_token"] = "<s>",
            ["eos_token"] = "</s>",
        });
}
