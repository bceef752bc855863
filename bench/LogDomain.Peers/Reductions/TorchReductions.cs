using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace LogDomain.Peers.Reductions;

/// <summary>PyTorch's reductions that TorchSharp lacks or that would allocate their result: C++ functions of libtorch, as in <see cref="Peers.TorchNative"/>.</summary>
internal sealed unsafe class TorchReductions
{
    private readonly delegate* unmanaged<nint, long, nint, nint> _cumulativeOut;
    private readonly delegate* unmanaged<nint, long, nint, nint, nint, byte*, byte, nint> _indexReduce;

    public TorchReductions()
    {
        nint library = NativeLibrary.Load("torch_cpu", typeof(TorchReductions).Assembly, null);
        _cumulativeOut = (delegate* unmanaged<nint, long, nint, nint>)NativeLibrary.GetExport(library, "_ZN2at4_ops16logcumsumexp_out4callERKNS_6TensorElRS2_");
        _indexReduce = (delegate* unmanaged<nint, long, nint, nint, nint, byte*, byte, nint>)NativeLibrary.GetExport(
            library, "_ZN2at4_ops13index_reduce_4callERNS_6TensorElRKS2_S5_St17basic_string_viewIcSt11char_traitsIcEEb");
        set_num_threads(1);
    }

    /// <summary>logcumsumexp along the last dimension.</summary>
    public void Cumulative(Tensor x, Tensor destination) => _ = _cumulativeOut(x.Handle, x.Dimensions - 1, destination.Handle);

    /// <summary>log-sum-exp of groups as it is written with scatters: the maxima by index_reduce, then index_add of the exponentials.</summary>
    public void Scatter(Tensor x, Tensor groups, Tensor max, Tensor sum)
    {
        _ = max.fill_(double.NegativeInfinity);
        ReadOnlySpan<byte> largest = "amax"u8;
        fixed (byte* name = largest)
        {
            // A string_view is its length and its address, in two registers.
            _ = _indexReduce(max.Handle, 0, groups.Handle, x.Handle, largest.Length, name, 1);
        }

        using Tensor ofElements = max.index_select(0, groups), difference = x.sub(ofElements);
        _ = sum.fill_(0).index_add_(0, groups, difference.exp_(), 1).log_().add_(max);
    }
}
