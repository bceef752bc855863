using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace LogDomain.Peers.Peers;

/// <summary>PyTorch's C++ library through TorchSharp.</summary>
internal sealed unsafe class TorchPeer : IPeer
{
    public const string Label = "torch";

    public TorchPeer()
    {
        // Loaded here, TorchSharp has no need to look for it: its own search copies 500 MB about before it gives up.
        _ = NativeLibrary.Load("LibTorchSharp", typeof(torch).Assembly, null);
        set_num_threads(1);
    }

    public string Name => Label;

    public string Description => $"libtorch {torch.__version__} through TorchSharp {Machine.VersionOf(typeof(torch).Assembly)}";

    public Contestant? Prepare(Operation operation, Workload work, int threads)
    {
        set_num_threads(threads);
        ScalarType type = work.Type switch
        {
            ElementType.Float => ScalarType.Float32,
            ElementType.Double => ScalarType.Float64,
            ElementType.Half => ScalarType.Float16,
            _ => ScalarType.BFloat16,
        };
        Shape shape = work.Shape;
        bool gradient = operation == Operation.CrossEntropyGradient;
        Tensor x = TorchNative.View(work.Logits.Pointer, type, [shape.Rows, shape.Columns], gradient);
        Tensor y = operation == Operation.LogSumExp
            ? TorchNative.View(work.Destination.Pointer, type, [shape.Rows])
            : TorchNative.View(work.Destination.Pointer, type, [shape.Rows, shape.Columns]);
        Tensor targets = tensor(work.Targets, ScalarType.Int64);
        Action run = operation switch
        {
            Operation.LogSumExp => () => LogSumExp(x, y),
            Operation.SoftMax => () => SoftMax(x, y),
            Operation.LogSoftMax => () => LogSoftMax(x, y),
            Operation.CrossEntropy => () => CrossEntropy(x, targets),
            _ => () => CrossEntropyGradient(x, targets),
        };
        return new Contestant(Run, x, y, targets);

        void Run()
        {
            UpperHalves.Clear();
            run();
        }
    }

    private static void LogSumExp(Tensor x, Tensor y)
    {
        if (TorchNative.LogSumExpOut == null)
        {
            using Tensor result = logsumexp(x, 1);
            _ = y.copy_(result);
            return;
        }

        long dimension = 1;
        _ = TorchNative.LogSumExpOut(x.Handle, &dimension, 1, 0, y.Handle);
    }

    private static void SoftMax(Tensor x, Tensor y)
    {
        if (TorchNative.SoftMaxOut == null)
        {
            using Tensor result = softmax(x, 1);
            _ = y.copy_(result);
            return;
        }

        _ = TorchNative.SoftMaxOut(x.Handle, 1, 0, y.Handle);
    }

    private static void LogSoftMax(Tensor x, Tensor y)
    {
        if (TorchNative.LogSoftMaxOut == null)
        {
            using Tensor result = special.log_softmax(x, 1);
            _ = y.copy_(result);
            return;
        }

        _ = TorchNative.LogSoftMaxOut(x.Handle, 1, 0, y.Handle);
    }

    private static void CrossEntropy(Tensor x, Tensor targets)
    {
        using Tensor loss = nn.functional.cross_entropy(x, targets);
    }

    /// <summary>Forward and backward. `grad` instead of `backward`, because that would add to the last gradient instead of writing it.</summary>
    private static void CrossEntropyGradient(Tensor x, Tensor targets)
    {
        using Tensor loss = nn.functional.cross_entropy(x, targets);
        autograd.grad([loss], [x])[0].Dispose();
    }
}
