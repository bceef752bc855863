using System.Globalization;
using System.Numerics.Tensors;
using System.Reflection;

namespace LogDomain.Tests.Readme;

/// <summary>The table of the README that sets this library beside .NET: every cell is computed here.</summary>
internal static class ProofTable
{
    public static string Compute()
    {
        string version = typeof(TensorPrimitives).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
        string[] lines =
        [
            $"| input, operation | .NET {Environment.Version.Major}, System.Numerics.Tensors {version} | LogDomain |",
            "|---|---|---|",
            SoftMax("[1000, 1001, 1002]", [1000, 1001, 1002]),
            LogSumExp("[1000, 1001, 1002]", [1000, 1001, 1002]),
            SoftMax("[90, 2, -2]", [90, 2, -2]),
            SoftMax("[-104, -104]", [-104, -104]),
            LongDestination("[1, 2, 3]", [1, 2, 3]),
            LogSoftMax("[20, 0]", [20, 0]),
            HalfZeros(4096),
            Line("`1e-20`, log(1 + x), double", Text(double.LogP1(1e-20)), Text(LogMath.Log1P(1e-20))),
        ];
        return string.Join('\n', lines) + "\n";
    }

    private static string SoftMax(string name, ReadOnlySpan<float> x)
    {
        float[] theirs = new float[x.Length], ours = new float[x.Length];
        TensorPrimitives.SoftMax(x, theirs);
        LogPrimitives.SoftMax(x, ours);
        return Line($"`{name}`, softmax", Text(theirs), Text(ours));
    }

    private static string LogSumExp(string name, ReadOnlySpan<float> x)
    {
        float[] exp = new float[x.Length];
        TensorPrimitives.Exp(x, exp);
        float theirs = MathF.Log(TensorPrimitives.Sum<float>(exp));
        return Line($"`{name}`, log-sum-exp", Text(theirs), LogPrimitives.LogSumExp(x).ToString(CultureInfo.InvariantCulture));
    }

    private static string LogSoftMax(string name, ReadOnlySpan<float> x)
    {
        float[] theirs = new float[x.Length], ours = new float[x.Length];
        TensorPrimitives.SoftMax(x, theirs);
        TensorPrimitives.Log(theirs, theirs);
        LogPrimitives.LogSoftMax(x, ours);
        return Line($"`{name}`, log-softmax", Text(theirs), Text(ours));
    }

    private static string LongDestination(string name, ReadOnlySpan<float> x)
    {
        float[] theirs = [10, 10, 10, 10, 10], ours = [10, 10, 10, 10, 10];
        TensorPrimitives.SoftMax(x, theirs);
        LogPrimitives.SoftMax(x, ours);
        return Line($"`{name}`, softmax into the first 3 of 5 places that hold 10", Text(theirs), Text(ours));
    }

    private static string HalfZeros(int count)
    {
        Half[] x = new Half[count], theirs = new Half[count], ours = new Half[count];
        TensorPrimitives.SoftMax<Half>(x, theirs);
        LogPrimitives.SoftMax<Half>(x, ours);
        return Line($"{count:N0} zeros in `Half`, softmax: the sum", Text(theirs.Sum(p => (double)p)), Text(ours.Sum(p => (double)p)));
    }

    private static string Line(string operation, string theirs, string ours) => $"| {operation} | {theirs} | {ours} |";

    private static string Text(params ReadOnlySpan<float> values)
    {
        var texts = new List<string>();
        foreach (float value in values)
        {
            texts.Add(Text((double)value));
        }

        return string.Join(", ", texts);
    }

    // Four digits: what these operations write beyond them may differ between machines in .NET.
    private static string Text(double value) => double.IsInfinity(value) ? "infinity" : value.ToString("G4", CultureInfo.InvariantCulture);
}
