using LogDomain.Attention;
using LogDomain.Peers.Peers;
using Microsoft.ML.OnnxRuntime;

namespace LogDomain.Peers.Attention;

/// <summary>ONNX Runtime's Attention of opset 23, on the arrays of the caller.</summary>
internal sealed class OnnxAttention : IDisposable
{
    private readonly InferenceSession _session;
    private readonly OrtIoBinding _binding;
    private readonly OrtValue[] _values;
    private readonly RunOptions _run = new();

    public OnnxAttention(in AttentionShape shape, float[] query, float[] key, float[] value, float[] output, bool isCausal, int threads)
    {
        using SessionOptions options = new() { IntraOpNumThreads = threads, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        _session = new(OnnxModel.OfFourDimensions("Attention", isCausal, ["q", "k", "v"], "y"), options);
        _binding = _session.CreateIoBinding();
        long[] queries = [shape.Batch, shape.Heads, shape.QueryLength, shape.HeadSize], keys = [shape.Batch, shape.KeyValueHeads, shape.KeyLength, shape.HeadSize];
        _values =
        [
            OrtValue.CreateTensorValueFromMemory(query, queries), OrtValue.CreateTensorValueFromMemory(key, keys),
            OrtValue.CreateTensorValueFromMemory(value, keys), OrtValue.CreateTensorValueFromMemory(output, queries),
        ];
        _binding.BindInput("q", _values[0]);
        _binding.BindInput("k", _values[1]);
        _binding.BindInput("v", _values[2]);
        _binding.BindOutput("y", _values[3]);
    }

    public void Run()
    {
        UpperHalves.Clear();
        _session.RunWithBinding(_run, _binding);
    }

    public void Dispose()
    {
        _run.Dispose();
        _binding.Dispose();
        foreach (OrtValue value in _values)
        {
            value.Dispose();
        }

        _session.Dispose();
    }
}
