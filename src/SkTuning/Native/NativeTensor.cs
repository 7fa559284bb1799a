using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace SkTuning.Native;

/// <summary>Creates tensors over memory that libtorch does not own, such as a mapped file. The only class that calls a native export of TorchSharp.</summary>
internal static unsafe class NativeTensor
{
    /// <summary>
    /// Creates a CPU tensor over <paramref name="data"/> without a copy. <paramref name="owner"/> gets one more user, which is removed when libtorch
    /// releases the memory. The caller has checked that the shape and dtype fit the memory.
    /// </summary>
    public static Tensor Over(byte* data, ReadOnlySpan<long> shape, ScalarType dtype, INativeMemory owner)
    {
        owner.AddUser();
        lock (Owners)
        {
            if (!Owners.TryGetValue((nint)data, out var stack)) Owners[(nint)data] = stack = new();
            stack.Push(owner);
        }
        fixed (long* sizes = shape)
        {
            var tensor = THSTensor_new(data, &Release, sizes, shape.Length, (sbyte)dtype, (sbyte)dtype, 0, 0, false);
            if (tensor != IntPtr.Zero) return Tensor.UnsafeCreateTensor(tensor);
        }
        ReleaseOwner((nint)data);
        throw new SkTuningException(
            $"libtorch could not create a tensor of shape [{string.Join(", ", shape.ToArray())}] and dtype {dtype} over a mapped file. "
            + "Load the model without mapping.");
    }

    /// <summary>Returns the address of the first value of a CPU tensor that has at least one.</summary>
    public static byte* DataOf(Tensor tensor)
    {
        // Tensor.bytes is a span over native memory, which does not move. It is limited to 2 GiB and to contiguous tensors, so only the first value
        // is requested.
        using var first = tensor.as_strided([1], [1], tensor.storage_offset());
        fixed (byte* data = first.bytes) return data;
    }

    // libtorch passes only the data pointer to the deleter, and several tensors may start at the same address.
    private static readonly Dictionary<nint, Stack<INativeMemory>> Owners = [];

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Release(void* data) => ReleaseOwner((nint)data);

    private static void ReleaseOwner(nint data)
    {
        INativeMemory owner;
        lock (Owners)
        {
            if (!Owners.TryGetValue(data, out var stack)) return;
            owner = stack.Pop();
            if (stack.Count == 0) Owners.Remove(data);
        }
        owner.RemoveUser();
    }

    [DllImport("LibTorchSharp")]
    private static extern IntPtr THSTensor_new(
        void* data, delegate* unmanaged[Cdecl]<void*, void> deleter, long* sizes, int dimensions, sbyte type, sbyte dtype, int deviceType,
        int deviceIndex, [MarshalAs(UnmanagedType.U1)] bool requiresGrad);
}

/// <summary>Memory that is freed when its last user is removed, for example the last tensor over it.</summary>
internal interface INativeMemory
{
    void AddUser();
    void RemoveUser();
}
