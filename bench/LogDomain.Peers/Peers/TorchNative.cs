using System.Runtime.InteropServices;
using TorchSharp;

namespace LogDomain.Peers.Peers;

/// <summary>
/// What TorchSharp does not expose and a fair race needs: tensors over foreign memory, and the variants of softmax and its kin
/// that write to a tensor of the caller's. Those are C++ functions of libtorch, called by their mangled names (Itanium ABI, 64-bit
/// Linux); where the names do not resolve, <see cref="TorchPeer"/> falls back to the variants that allocate.
/// </summary>
internal static unsafe partial class TorchNative
{
    /// <summary>at::_softmax_out(input, dimension, half_to_float, out)</summary>
    public static readonly delegate* unmanaged<nint, long, byte, nint, nint> SoftMaxOut;

    /// <summary>at::_log_softmax_out(input, dimension, half_to_float, out)</summary>
    public static readonly delegate* unmanaged<nint, long, byte, nint, nint> LogSoftMaxOut;

    /// <summary>at::logsumexp_out(input, dimensions as pointer and length, keepdim, out)</summary>
    public static readonly delegate* unmanaged<nint, long*, nint, byte, nint, nint> LogSumExpOut;

    static TorchNative()
    {
        nint library = NativeLibrary.Load("torch_cpu", typeof(TorchNative).Assembly, null);
        SoftMaxOut = (delegate* unmanaged<nint, long, byte, nint, nint>)Find("_ZN2at4_ops12_softmax_out4callERKNS_6TensorElbRS2_");
        LogSoftMaxOut = (delegate* unmanaged<nint, long, byte, nint, nint>)Find("_ZN2at4_ops16_log_softmax_out4callERKNS_6TensorElbRS2_");
        LogSumExpOut = (delegate* unmanaged<nint, long*, nint, byte, nint, nint>)Find(
            "_ZN2at4_ops13logsumexp_out4callERKNS_6TensorEN3c108ArrayRefIlEEbRS2_");

        nint Find(string name) => NativeLibrary.TryGetExport(library, name, out nint address) ? address : 0;
    }

    /// <summary>A tensor over memory that outlives it.</summary>
    public static torch.Tensor View(void* data, torch.ScalarType type, ReadOnlySpan<long> shape, bool requiresGradient = false)
    {
        fixed (long* sizes = shape)
        {
            nint handle = THSTensor_new(data, &KeepMemory, sizes, shape.Length, (sbyte)type, (sbyte)type, 0, -1, requiresGradient ? (byte)1 : (byte)0);
            torch.CheckForErrors();
            return torch.Tensor.UnsafeCreateTensor(handle);
        }
    }

    [UnmanagedCallersOnly]
    private static void KeepMemory(void* data)
    {
    }

    [LibraryImport("LibTorchSharp")]
    private static partial nint THSTensor_new(
        void* data, delegate* unmanaged<void*, void> deleter, long* sizes, int dimensions, sbyte memoryType, sbyte type, int device, int deviceIndex, byte requiresGradient);
}
