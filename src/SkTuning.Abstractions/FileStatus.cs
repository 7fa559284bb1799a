using System.Runtime.InteropServices;
using System.Text;

namespace SkTuning;

/// <summary>What Unix knows about a file, and .NET does not report.</summary>
/// <param name="Type">The bits of the mode that give the type.</param>
/// <param name="Names">The number of hard links; 1 on macOS, where it is not read.</param>
/// <param name="File">The inode; 0 on macOS.</param>
/// <param name="Disk">The device; 0 on macOS.</param>
internal readonly record struct FileStatus(int Type, uint Names, ulong File, ulong Disk)
{
    public const int RegularFile = 0x8000, Folder = 0x4000, Pipe = 0x1000, Socket = 0xC000;

    private const int TypeMask = 0xF000, CurrentFolder = -100, NoFollow = 0x100, EmptyPath = 0x1000;
    private const uint BasicFields = 0x7FF;

    /// <summary>Returns the status of the file at a path; null if there is none, or where the system does not report it.</summary>
    /// <param name="path">The path.</param>
    /// <param name="follow">Whether a symbolic link stands for its target.</param>
    public static FileStatus? Of(string path, bool follow)
    {
        if (path.Contains('\0')) return null;
        var name = Encoding.UTF8.GetBytes(path + '\0');
        return OperatingSystem.IsLinux() ? OfLinux(CurrentFolder, name, follow ? 0 : NoFollow) : OperatingSystem.IsMacOS() && follow ? OfMac(name) : null;
    }

    /// <summary>Returns the status of an open file; null where the system does not report it.</summary>
    public static FileStatus? Of(FileStream file)
        => OperatingSystem.IsLinux() ? OfLinux((int)file.SafeFileHandle.DangerousGetHandle(), [0], EmptyPath) : null;

    /// <summary>struct statx, which is part of Linux's stable interface: the links at 16, the mode at 28, the inode at 32, the device at 136.</summary>
    private static FileStatus? OfLinux(int folder, byte[] name, int flags)
    {
        var status = new byte[256];
        try
        {
            return StatX(folder, name, flags, BasicFields, status) != 0 ? null
                : new(BitConverter.ToUInt16(status, 28) & TypeMask, BitConverter.ToUInt32(status, 16), BitConverter.ToUInt64(status, 32),
                    BitConverter.ToUInt64(status, 136));
        }
        catch (EntryPointNotFoundException) { return null; }                    // glibc before 2.28
    }

    /// <summary>struct stat of 64-bit inodes: the mode at 4.</summary>
    private static FileStatus? OfMac(byte[] name)
    {
        var status = new byte[256];
        return Stat(name, status) != 0 ? null : new(BitConverter.ToUInt16(status, 4) & TypeMask, 1, 0, 0);
    }

    [DllImport("libc", EntryPoint = "statx")]
    private static extern int StatX(int folder, byte[] path, int flags, uint mask, byte[] status);

    [DllImport("libc", EntryPoint = "stat")]
    private static extern int Stat(byte[] path, byte[] status);
}
