using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Models;
using SkTuning.Serving;

namespace SkTuning.Tests.Serving;

/// <summary>Which texts share a batch.</summary>
public sealed class TextQueueTests
{
    private static readonly ClassifierEngineOptions Now = new() { MaxDelay = TimeSpan.Zero, MaxBatchTexts = 8 };

    [Fact]
    public void A_busy_adapter_does_not_hold_up_another()
    {
        using var queue = new TextQueue(Now, mixesSlots: true);
        var (busy, quiet) = (Held("busy"), Held("quiet"));
        for (var i = 0; i < 100; i++) Add(queue, busy, 10);
        Add(queue, quiet, 500);
        Assert.All(queue.Take()!, t => Assert.Same(busy, t.Held));
        var second = queue.Take()!;
        Assert.Same(quiet, Assert.Single(second).Held);
    }

    [Fact]
    public void Texts_of_several_adapters_with_similar_length_share_a_batch()
    {
        using var queue = new TextQueue(Now, mixesSlots: true);
        var adapters = Enumerable.Range(0, 4).Select(i => Held($"{i}")).ToList();
        foreach (var held in adapters)
            foreach (var length in (int[])[20, 100, 21]) Add(queue, held, length);
        var batch = queue.Take()!;
        Assert.Equal(8, batch.Count);
        Assert.Equal(4, batch.Select(t => t.Held).Distinct().Count());
        Assert.All(batch, t => Assert.InRange(t.Length, 20, 21));
        Assert.Equal([100, 100, 100, 100], queue.Take()!.Select(t => t.Length));
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void Adapters_that_do_not_fit_together_and_texts_with_windows_do_not_share_one()
    {
        using var queue = new TextQueue(Now, mixesSlots: true);
        var (prefix, other, prompt, none) = (Held("prefix", new(0, "11")), Held("other", new(0, "01")), Held("prompt", new(5, null)), Held("none"));
        HeldAdapter[] all = [prefix, other, prompt, none];
        foreach (var held in all) Add(queue, held, 10);
        Assert.Equal([prefix, none], queue.Take()!.Select(t => t.Held));
        Assert.Equal([other], queue.Take()!.Select(t => t.Held));
        Assert.Equal([prompt], queue.Take()!.Select(t => t.Held));
        var alone = Held("alone", shares: false);
        Add(queue, alone, 10);
        Add(queue, alone, 300);
        Add(queue, none, 10);
        Assert.Equal([alone, alone], queue.Take()!.Select(t => t.Held));
        Assert.Equal([none], queue.Take()!.Select(t => t.Held));
    }

    [Fact]
    public void A_batch_of_one_adapter_is_limited_by_tokens_and_long_texts_cost_more_turns()
    {
        using var queue = new TextQueue(Now, mixesSlots: true);
        var (alone, quick) = (Held("alone", shares: false), Held("quick"));
        for (var i = 0; i < 6; i++) Add(queue, alone, 3000);
        for (var i = 0; i < 3; i++) Add(queue, quick, 10);
        Assert.Equal([quick, quick, quick], queue.Take()!.Select(t => t.Held));
        Assert.Equal([alone, alone], queue.Take()!.Select(t => t.Held));
        Add(queue, quick, 10);
        Assert.Equal([quick], queue.Take()!.Select(t => t.Held));
    }

    [Fact]
    public void A_batch_is_limited_by_what_is_injected_into_its_rows()
    {
        using var queue = new TextQueue(Now, mixesSlots: true);
        var large = Held("large", new(0, null, InjectionSlots.Prefix, 100 << 20));
        for (var i = 0; i < 4; i++) Add(queue, large, 10);
        Assert.Equal(2, queue.Take()!.Count);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public void Adapters_with_other_kinds_of_changes_share_a_batch_where_that_costs_nothing(bool mixesSlots, int expected)
    {
        using var queue = new TextQueue(Now, mixesSlots);
        Add(queue, Held("prefix", new(0, "11", InjectionSlots.Prefix)), 10);
        Add(queue, Held("lora", new(0, null, InjectionSlots.Linears)), 10);
        Assert.Equal(expected, queue.Take()!.Count);
    }

    [Fact]
    public async Task Idle_workers_divide_the_texts()
    {
        using var queue = new TextQueue(Now with { MaxDelay = TimeSpan.FromSeconds(30) }, mixesSlots: true);
        var takes = Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(queue.Take, TaskCreationOptions.LongRunning)).ToList();
        await Task.Delay(50);
        var held = Held("a");
        for (var i = 0; i < 8; i++) Add(queue, held, 10);
        Assert.Equal([4, 4], (await Task.WhenAll(takes)).Select(b => b!.Count));
    }

    [Fact]
    public void A_call_gets_places_for_all_its_texts_or_for_none()
    {
        using var queue = new TextQueue(Now with { MaxQueuedTexts = 1_500, MaxQueuedTextsPerAdapter = 1_000 }, mixesSlots: true);
        var (first, second) = (Held("first"), Held("second"));                  // at most 1,000 texts each
        queue.Enter(first, 600);
        var full = Assert.Throws<EngineFullException>(() => queue.Enter(first, 401));
        Assert.Contains("600 texts of the adapter 'first' are waiting, of at most 1000: there is no room for 401 more", full.Message, StringComparison.Ordinal);
        Assert.Equal(400, first.Room.CurrentCount);
        Assert.Contains("600 texts are waiting, of at most 1500", Assert.Throws<EngineFullException>(() => queue.Enter(second, 901)).Message,
            StringComparison.Ordinal);
        Assert.Equal(1_000, second.Room.CurrentCount);
        queue.Enter(second, 900);
        queue.Leave(first, 600);
        queue.Enter(first, 600);
    }

    [Fact]
    public void Of_calls_at_the_same_time_as_many_are_accepted_as_fit()
    {
        for (var round = 0; round < 50; round++)
        {
            using var queue = new TextQueue(Now, mixesSlots: true);
            var held = Held("a");
            var accepted = 0;
            Parallel.For(0, 8, new() { MaxDegreeOfParallelism = 8 }, _ =>
            {
                try { queue.Enter(held, 300); }
                catch (EngineFullException) { return; }
                Interlocked.Increment(ref accepted);
            });
            Assert.Equal(3, accepted);
        }
    }

    [Fact]
    public void A_text_waits_for_others_and_a_closed_queue_waits_for_nothing()
    {
        using var queue = new TextQueue(Now with { MaxDelay = TimeSpan.FromMilliseconds(60) }, mixesSlots: true);
        var text = Add(queue, Held("a"), 10);
        Assert.Same(text, Assert.Single(queue.Take()!));
        Assert.True(text.Age >= TimeSpan.FromMilliseconds(60));
        using var closed = new TextQueue(Now with { MaxDelay = TimeSpan.FromSeconds(30) }, mixesSlots: true);
        Add(closed, Held("a"), 10);
        closed.Close();
        Assert.Single(closed.Take()!);
        Assert.Null(closed.Take());
        Assert.Throws<ObjectDisposedException>(() => Add(closed, Held("a"), 10));
    }

    private static HeldAdapter Held(string name, SharingKey? key = null, bool shares = true)
    {
        var served = new ServedAdapter
        {
            Name = name, Version = 1, Task = TaskKinds.All[0], Method = "probe", Prompt = "", Labels = LabelSet.InOrder(["a", "b"]), ReadsPairs = false,
            SharesBatches = shares, Bytes = 0,
        };
        return new(null!, null!, served, shares ? key ?? new(0, null) : null, new(""), 1000);
    }

    private static PendingText Add(TextQueue queue, HeldAdapter held, int length)
    {
        var text = new PendingText(held, null!, new(new Row("", ""), new EncodedRow(new int[length])));
        Assert.True(queue.EnterAsync(held, CancellationToken.None).AsTask().IsCompletedSuccessfully);
        queue.Add(text);
        return text;
    }
}
