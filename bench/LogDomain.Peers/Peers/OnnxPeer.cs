using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace LogDomain.Peers.Peers;

/// <summary>ONNX Runtime on models of one node, bound to the shared buffers, so that a run allocates and copies nothing.</summary>
internal sealed unsafe class OnnxPeer : IPeer
{
    public const string Label = "ONNX Runtime";

    private readonly string _version = OrtEnv.Instance().GetVersionString();

    public string Name => Label;

    public string Description => "ONNX Runtime " + _version;

    public Contestant? Prepare(Operation operation, Workload work, int threads)
    {
        string? name = operation switch
        {
            Operation.LogSumExp => "ReduceLogSumExp",
            Operation.SoftMax => "Softmax",
            Operation.LogSoftMax => "LogSoftmax",
            _ => null, // its cross-entropy is for training builds
        };
        if (name is null)
        {
            return null;
        }

        TensorElementType type = work.Type switch
        {
            ElementType.Float => TensorElementType.Float,
            ElementType.Double => TensorElementType.Double,
            ElementType.Half => TensorElementType.Float16,
            _ => TensorElementType.BFloat16,
        };
        Shape shape = work.Shape;
        int outputColumns = operation == Operation.LogSumExp ? 1 : shape.Columns;
        using SessionOptions options = new()
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        InferenceSession session = new(OnnxModel.AlongRows(name, type, shape, outputColumns), options);
        OrtValue input = Tensor(work.Logits, work.Type, type, shape.Rows, shape.Columns);
        OrtValue output = Tensor(work.Destination, work.Type, type, shape.Rows, outputColumns);
        OrtIoBinding binding = session.CreateIoBinding();
        binding.BindInput(OnnxModel.Input, input);
        binding.BindOutput(OnnxModel.Output, output);
        RunOptions run = new();
        return new Contestant(Run, run, binding, output, input, session);

        void Run()
        {
            UpperHalves.Clear();
            session.RunWithBinding(run, binding);
        }
    }

    private static OrtValue Tensor(NativeBuffer buffer, ElementType element, TensorElementType type, int rows, int columns) =>
        OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance, type, [rows, columns], (nint)buffer.Pointer, (long)rows * columns * element.Size);
}
