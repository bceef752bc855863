using BenchmarkDotNet.Attributes;
using LogDomain.Losses;

namespace LogDomain.Benchmarks;

/// <summary>What each option of cross-entropy costs, on one thread: the ratio to the row of the same method without options.</summary>
public class CrossEntropyOptionBenchmarks
{
    private const int Count = 1 << 19;

    private readonly float[] _logits = new float[Count], _probabilities = new float[Count], _gradient = new float[Count];
    private int[] _targets = [];
    private CrossEntropyOptions _options = new();

    /// <summary>The length of a row.</summary>
    [Params(64, 1_024, 131_072)]
    public int Classes { get; set; }

    /// <summary>The option, or "probabilities" for another kind of target.</summary>
    [Params("none", "class weights", "row weights", "smoothing", "smoothing and class weights", "z-loss", "temperature", "softcap", "probabilities")]
    public string Option { get; set; } = "";

    /// <summary>Fills the rows with normally distributed logits.</summary>
    [GlobalSetup]
    public void Setup()
    {
        Random random = new(1);
        for (int i = 0; i < Count; i++)
        {
            double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble());
            _logits[i] = (float)(4 * normal);
            _probabilities[i] = 1f / Classes;
        }

        int rows = Count / Classes;
        _targets = [.. Enumerable.Range(0, rows).Select(_ => random.Next(Classes))];
        double[] classWeights = new double[Classes], rowWeights = new double[rows];
        Array.Fill(classWeights, 0.5);
        Array.Fill(rowWeights, 2);
        _options = new()
        {
            MaxDegreeOfParallelism = 1,
            ClassWeights = Option.Contains("class weights", StringComparison.Ordinal) ? classWeights : default,
            RowWeights = Option == "row weights" ? rowWeights : default,
            LabelSmoothing = Option.StartsWith("smoothing", StringComparison.Ordinal) ? 0.1 : 0,
            ZLoss = Option == "z-loss" ? 1e-3 : 0,
            Temperature = Option == "temperature" ? 0.7 : 1,
            Softcap = Option == "softcap" ? 30 : null,
        };
    }

    /// <summary>One number in all.</summary>
    [Benchmark]
    public float Loss() => Option == "probabilities"
        ? CrossEntropy.Loss<float>(_logits, _probabilities, Classes, _options)
        : CrossEntropy.Loss<float>(_logits, _targets, _options);

    /// <summary>One number in all and one per element.</summary>
    [Benchmark]
    public float LossAndGradient() => Option == "probabilities"
        ? CrossEntropy.LossAndGradient<float>(_logits, _probabilities, Classes, _gradient, _options)
        : CrossEntropy.LossAndGradient<float>(_logits, _targets, _gradient, _options);
}
