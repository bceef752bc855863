using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace LogDomain.Peers.Functions;

/// <summary>
/// PyTorch's functions of elements that write to a tensor of the caller's: C++ functions of libtorch, called by their mangled names as in
/// <see cref="Peers.TorchNative"/>. Where a name does not resolve, the function is left out.
/// </summary>
internal sealed unsafe partial class TorchFunctions
{
    private readonly nint _library = NativeLibrary.Load("torch_cpu", typeof(TorchFunctions).Assembly, null);

    // Tensors take the place of what they describe until the process ends: libtorch keeps no others here.
    private readonly nint _one, _threshold;

    public TorchFunctions()
    {
        _ = NativeLibrary.Load("LibTorchSharp", typeof(torch).Assembly, null);
        set_num_threads(1);
        _one = THSTorch_float64_to_scalar(1);
        _threshold = THSTorch_float64_to_scalar(20);
    }

    /// <summary>The function of x (and y) that writes to destination; null where PyTorch has none.</summary>
    public Action<Tensor, Tensor, Tensor>? Find(string name) => name switch
    {
        "Log1P" => OfOne("_ZN2at4_ops9log1p_out4callERKNS_6TensorERS2_"),
        "ExpM1" => OfOne("_ZN2at4_ops9expm1_out4callERKNS_6TensorERS2_"),
        "Sigmoid" => OfOne("_ZN2at4_ops11sigmoid_out4callERKNS_6TensorERS2_"),
        "LogSigmoid" => LogSigmoid("_ZN2at4_ops26log_sigmoid_forward_output4callERKNS_6TensorERS2_S5_"),
        "Softplus" => Softplus("_ZN2at4_ops12softplus_out4callERKNS_6TensorERKN3c106ScalarES8_RS2_"),
        "Logit" => Logit("_ZN2at4_ops9logit_out4callERKNS_6TensorESt8optionalIdERS2_"),
        "LogAddExp" => OfTwo("_ZN2at4_ops13logaddexp_out4callERKNS_6TensorES4_RS2_"),
        "XLogY" => OfTwo("_ZN2at4_ops15xlogy_OutTensor4callERKNS_6TensorES4_RS2_"),
        "XLog1PY" => OfTwo("_ZN2at4_ops19special_xlog1py_out4callERKNS_6TensorES4_RS2_"),
        _ => null,
    };

    private Action<Tensor, Tensor, Tensor>? OfOne(string symbol)
    {
        var function = (delegate* unmanaged<nint, nint, nint>)Address(symbol);
        return function == null ? null : (x, _, destination) => _ = function(x.Handle, destination.Handle);
    }

    private Action<Tensor, Tensor, Tensor>? OfTwo(string symbol)
    {
        var function = (delegate* unmanaged<nint, nint, nint, nint>)Address(symbol);
        return function == null ? null : (x, y, destination) => _ = function(x.Handle, y.Handle, destination.Handle);
    }

    /// <summary>softplus_out(x, beta, threshold, destination) with PyTorch's defaults.</summary>
    private Action<Tensor, Tensor, Tensor>? Softplus(string symbol)
    {
        var function = (delegate* unmanaged<nint, nint, nint, nint, nint>)Address(symbol);
        return function == null ? null : (x, _, destination) => _ = function(x.Handle, _one, _threshold, destination.Handle);
    }

    /// <summary>
    /// log_sigmoid_forward_output(x, destination, buffer): the buffer, which a gradient would need, is allocated once. log_sigmoid_out allocates it each time, and
    /// then waits for the system to supply its pages. It returns a tuple of references, through memory of the caller's whose address comes first.
    /// </summary>
    private Action<Tensor, Tensor, Tensor>? LogSigmoid(string symbol)
    {
        var function = (delegate* unmanaged<nint*, nint, nint, nint, nint>)Address(symbol);
        Tensor? buffer = null;
        return function == null ? null : (x, _, destination) =>
        {
            buffer ??= empty_like(x);
            nint* result = stackalloc nint[2];
            _ = function(result, x.Handle, destination.Handle, buffer.Handle);
        };
    }

    /// <summary>logit_out(x, an optional eps, destination): the optional is a double in one register and whether there is one in another.</summary>
    private Action<Tensor, Tensor, Tensor>? Logit(string symbol)
    {
        var function = (delegate* unmanaged<nint, double, byte, nint, nint>)Address(symbol);
        return function == null ? null : (x, _, destination) => _ = function(x.Handle, 0, 0, destination.Handle);
    }

    private nint Address(string symbol) => NativeLibrary.TryGetExport(_library, symbol, out nint address) ? address : 0;

    [LibraryImport("LibTorchSharp")]
    private static partial nint THSTorch_float64_to_scalar(double value);
}
