using SkTuning.Serving;

namespace SkTuning.Tests.Serving;

/// <summary>An adapter's tensors are in memory as long as something uses them.</summary>
public sealed class AdapterStoreTests(MicroAdapters adapters) : IClassFixture<MicroAdapters>
{
    private const long Bytes = 100;

    [Fact]
    public void A_removed_adapter_is_released_with_its_last_use()
    {
        using var store = new AdapterStore(new());
        Put(store, "a");
        var held = store.Pin("a");
        store.Pin(held);
        Assert.True(store.Remove("a"));
        Assert.False(store.Remove("a"));
        store.Unpin(held);
        Assert.True(held.IsResident);
        store.Unpin(held);
        Assert.False(held.IsResident);
    }

    [Fact]
    public void An_adapter_that_is_served_stays_in_memory_while_nothing_uses_it()
    {
        using var store = new AdapterStore(new());
        Put(store, "a");
        var held = store.Pin("a");
        store.Unpin(held);
        Assert.True(held.IsResident);
        Assert.Equal((1, Bytes), (store.Count, store.Bytes));
        Assert.True(store.Remove("a"));
        Assert.False(held.IsResident);
        Assert.Equal((0, 0), (store.Count, store.Bytes));
    }

    [Fact]
    public void A_replaced_adapter_is_released_at_once_or_with_its_last_use()
    {
        using var store = new AdapterStore(new());
        Assert.Equal(1, Put(store, "a").Version);
        var first = store.Pin("a");
        Assert.Equal(2, Put(store, "a").Version);
        Assert.True(first.IsResident);
        store.Unpin(first);
        Assert.False(first.IsResident);
        var second = store.Pin("a");
        store.Unpin(second);
        Assert.Equal(3, Put(store, "a").Version);
        Assert.False(second.IsResident);
        Assert.Equal(1, store.Count);
    }

    [Fact]
    public void Disposing_releases_what_nothing_uses_and_refuses_the_rest()
    {
        var store = new AdapterStore(new());
        foreach (var name in (string[])["a", "b"]) Put(store, name);
        var (used, unused) = (store.Pin("a"), store.Pin("b"));
        store.Unpin(unused);
        store.Dispose();
        Assert.Equal((true, false), (used.IsResident, unused.IsResident));
        store.Unpin(used);
        Assert.False(used.IsResident);
        Assert.Throws<ObjectDisposedException>(() => store.Pin("a"));
        HeldAdapter? late = null;
        Assert.Throws<ObjectDisposedException>(() => store.Put("c", (version, files) => late = Held("c", version, files)));
        Assert.False(late!.IsResident);
    }

    [Fact]
    public async Task Those_used_longest_ago_leave_memory_until_the_others_fit()
    {
        using var store = new AdapterStore(new() { MaxAdapterBytes = 2 * Bytes });
        var held = new Dictionary<string, HeldAdapter>();
        foreach (var name in (string[])["a", "b"])
        {
            Put(store, name);
            store.Unpin(held[name] = store.Pin(name));
        }
        Assert.Equal((2 * Bytes, false), (store.Bytes, store.MayExceed));   // they just fit
        store.Unpin(store.Pin("a"));
        Put(store, "c");
        Assert.Equal((true, false, 2 * Bytes), (held["a"].IsResident, held["b"].IsResident, store.Bytes));

        // "b" is read again. "a" is in use, so "c" leaves.
        var a = store.Pin("a");
        Assert.NotNull(await store.ResidentAsync(store.Pin("b"), TestContext.Current.CancellationToken));
        Assert.True(store.MayExceed);
        store.Unpin(held["b"]);
        store.Trim();
        Assert.Equal((true, true, 2 * Bytes, false), (a.IsResident, held["b"].IsResident, store.Bytes, store.MayExceed));
    }

    [Fact]
    public void Adapters_in_use_exceed_the_memory_until_they_are_not()
    {
        using var store = new AdapterStore(new() { MaxAdapterBytes = 0 });
        var held = default(HeldAdapter);
        store.Put("a", (version, files) =>
        {
            held = Held("a", version, files);
            held.Pins++;
            return held;
        });
        Assert.Equal((true, true, Bytes), (held!.IsResident, store.MayExceed, store.Bytes));
        store.Unpin(held);
        store.Trim();
        Assert.Equal((false, false, 0), (held.IsResident, store.MayExceed, store.Bytes));
    }

    private ServedAdapter Put(AdapterStore store, string name) => store.Put(name, (version, files) => Held(name, version, files));

    private HeldAdapter Held(string name, int version, Lazy<string> files)
    {
        var adapter = TunedAdapter.Load(adapters["topics"], adapters.Model);
        var served = new ServedAdapter
        {
            Name = name, Version = version, Task = adapter.Task, Method = adapter.Method, Prompt = adapter.Prompt, Labels = adapter.Labels,
            ReadsPairs = false, SharesBatches = false, Bytes = Bytes,
        };
        return new(adapters.Model, adapter, served, key: null, files, maxQueued: 1);
    }
}
