using SkTuning.Native;

namespace SkTuning.Tests.Native;

/// <summary>The memory that is left is limited by the control group of the process and by every group above it.</summary>
public sealed class MachineMemoryTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    [Fact]
    public void A_machine_without_groups_has_its_free_memory()
    {
        Write("proc/meminfo", "MemTotal: 4000 kB\nMemAvailable:    3000 kB\n");
        Assert.Equal(3000 * 1024, MachineMemory.Available(_root.Path));
    }

    [Theory]
    [InlineData("1000", "5000", "9000", 600)]                                   // of the own group
    [InlineData("max", "5000", "9000", 3000)]                                   // of the group above it
    [InlineData("max", "max", "2500", 100)]                                     // of the root
    public void The_least_of_the_limits_from_the_own_group_to_the_root_counts_in_version_2(string own, string above, string root, long expected)
    {
        Machine("0::/user.slice/one service\n", "31 23 0:28 / /sys/fs/cgroup rw,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate\n");
        Group("sys/fs/cgroup/user.slice/one service", own, "400", "");
        Group("sys/fs/cgroup/user.slice", above, "2000", "inactive_file 0\n");
        Group("sys/fs/cgroup", root, "2400", "");
        Assert.Equal(expected, MachineMemory.Available(_root.Path));
    }

    [Fact]
    public void The_limit_at_which_a_group_is_slowed_down_counts_as_well()
    {
        Machine("0::/one\n", "31 23 0:28 / /sys/fs/cgroup rw - cgroup2 none rw\n");
        Group("sys/fs/cgroup/one", "9000", "400", "");
        Write("sys/fs/cgroup/one/memory.high", "1000\n");
        Assert.Equal(600, MachineMemory.Available(_root.Path));
    }

    [Fact]
    public void Version_1_has_a_hierarchy_for_memory_next_to_others()
    {
        Machine("9:name=systemd:/elsewhere\n5:cpu,memory:/system/sk\n0::/\n",
            "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,cpu,memory\n36 31 0:33 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n"
            + "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n");
        Version1("sys/fs/cgroup/memory/system/sk", "5000", "3000", "inactive_file 10\ntotal_inactive_file 500\n");
        Version1("sys/fs/cgroup/memory/system", "9223372036854771712", "9000", "");
        Version1("sys/fs/cgroup/memory", "9223372036854771712", "9000", "");
        Assert.Equal(2500, MachineMemory.Available(_root.Path));
        Version1("sys/fs/cgroup/memory/system", "10000", "9500", "");
        Assert.Equal(500, MachineMemory.Available(_root.Path));
    }

    [Theory]
    [InlineData("/docker/abc", "/docker/abc", "")]                              // the mount shows the process's own group as its root
    [InlineData("/docker/abc", "/docker/abc/job", "/job")]
    [InlineData("/", "/../other", "")]                                          // a group outside the process's view
    [InlineData("/docker/abc", "/elsewhere", "")]
    public void In_a_container_the_group_is_found_below_the_root_of_the_mount(string root, string group, string below)
    {
        Machine($"0::{group}\n", $"31 23 0:28 {root} /sys/fs/cgroup ro - cgroup2 cgroup rw\n");
        Group("sys/fs/cgroup" + below, "1000", "1500", "");
        Assert.Equal(0, MachineMemory.Available(_root.Path));
    }

    [Fact]
    public void A_mount_point_with_a_blank_is_found()
    {
        Machine("0::/a\n", "31 23 0:28 / /my\\040groups rw - cgroup2 cgroup rw\n");
        Group("my groups/a", "1000", "1", "");
        Assert.Equal(999, MachineMemory.Available(_root.Path));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("nonsense", "31 23\n - \n31 23 0:28 / / rw - \n")]
    [InlineData("0::", "31 23 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup rw\n")]
    [InlineData("5:memory:no/slash", "31 23 0:28 /x /sys/fs/cgroup rw - cgroup cgroup memory\n")]
    public void Damaged_descriptions_are_passed_over(string groups, string mounts)
    {
        Machine(groups, mounts);
        Assert.Equal(1L << 30, MachineMemory.Available(_root.Path));
    }

    public void Dispose() => _root.Dispose();

    private void Machine(string groups, string mounts)
    {
        Write("proc/meminfo", "MemAvailable: 1048576 kB\n");
        Write("proc/self/cgroup", groups);
        Write("proc/self/mountinfo", "23 1 0:20 / /proc rw - proc proc rw\n" + mounts);
    }

    private void Group(string folder, string max, string used, string details)
    {
        Write(folder + "/memory.max", max + "\n");
        Write(folder + "/memory.current", used + "\n");
        Write(folder + "/memory.stat", details);
    }

    private void Version1(string folder, string max, string used, string details)
    {
        Write(folder + "/memory.limit_in_bytes", max + "\n");
        Write(folder + "/memory.usage_in_bytes", used + "\n");
        Write(folder + "/memory.stat", details);
    }

    private void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_root[file])!);
        File.WriteAllText(_root[file], text);
    }
}
