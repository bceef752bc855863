using System.Numerics;
using System.Numerics.Tensors;
using LogDomain;

namespace Readme;

public sealed partial class Examples
{
    [Fact]
    public void Weights_and_signs()
    {
        // <example>
        double[] logs = [1000, 1001, double.NaN];
        double[] weights = [0.5, 2, 0];                                        // a weight of 0 removes its term
        Console.WriteLine($"{LogPrimitives.LogSumExp(logs, weights):F6}");     // 1001.781130

        double log = LogPrimitives.LogSumExpSigned([1000, 1001], [1.0, -1.0], out int sign);
        Console.WriteLine($"{log:F6}, sign {sign}");                           // 1000.541325, sign -1
        // </example>
        CompareOutput();
    }

    [Fact]
    public void A_mask()
    {
        // <example>
        float[] scores = [2, 1, float.NaN, 3];
        bool[] counts = [true, true, false, true];

        float[] attention = new float[4];
        LogPrimitives.SoftMax(scores, counts, attention);
        Console.WriteLine($"{attention[2]}, {attention[3]:F4}");               // 0, 0.6652
        // </example>
        CompareOutput();
    }

    [Fact]
    public void A_smooth_maximum()
    {
        // <example>
        double[] values = [0, 1, 4];
        Console.WriteLine($"{LogPrimitives.LogMeanExp(values):F4}");           // 2.9673
        Console.WriteLine($"{LogPrimitives.LogSumExpPool(values, 0):F4}");     // 1.6667
        Console.WriteLine($"{LogPrimitives.LogSumExpPool(values, 50):F4}");    // 3.9780

        double[] cool = new double[3];
        LogPrimitives.SoftMax(values, 0.5, cool);                              // a temperature
        Console.WriteLine($"{cool[2]:F4}");                                    // 0.9972
        // </example>
        CompareOutput();
    }

    [Fact]
    public void Every_beginning()
    {
        // <example>
        double[] steps = [Math.Log(0.1), Math.Log(0.2), Math.Log(0.7)];
        double[] cumulative = new double[3];
        LogPrimitives.CumulativeLogSumExp(steps, cumulative);
        Console.WriteLine($"{Math.Exp(cumulative[1]):F4}");                    // 0.3000
        // </example>
        CompareOutput();
    }

    [Fact]
    public void Groups_of_a_graph()
    {
        // <example>
        float[] messages = [1, 2, 3, 4, 5];

        float[] bySegment = new float[3];
        LogPrimitives.SegmentLogSumExp(messages, [0, 2, 2, 5], bySegment);
        Console.WriteLine($"{bySegment[0]:F4}, {bySegment[1]}");               // 2.3133, -Infinity

        float[] byNode = new float[2];
        LogPrimitives.ScatterLogSumExp(messages, [0, 1, 0, 1, 0], byNode);
        Console.WriteLine($"{byNode[1]:F4}");                                  // 4.1269

        float[] shares = new float[5];
        LogPrimitives.ScatterSoftMax(messages, [0, 1, 0, 1, 0], groups: 2, shares);
        Console.WriteLine($"{shares[1]:F4}, {shares[3]:F4}");                  // 0.1192, 0.8808
        // </example>
        CompareOutput();
    }

    [Fact]
    public void Information()
    {
        // <example>
        double[] p = [1, 0, 0], q = [0, 0, 0];
        Console.WriteLine($"{LogPrimitives.Entropy(p):F6}");                   // 0.975328
        Console.WriteLine($"{LogPrimitives.KullbackLeibler(p, q):F6}");        // 0.123284
        // </example>
        CompareOutput();
    }

    [Fact]
    public void Complex_logarithms()
    {
        // <example>
        // log(e - 1): the minus is an angle of pi.
        Complex difference = LogPrimitives.LogSumExp([new Complex(1, 0), new Complex(0, Math.PI)]);
        Console.WriteLine($"{difference.Real:F6}");                            // 0.541325
        // </example>
        CompareOutput();
    }

    [Fact]
    public void Dimensions_of_a_tensor()
    {
        // <example>
        Tensor<float> x = Tensor.Create([1f, 2, 3, 4, 5, 6], [2, 3]);

        Tensor<float> columns = LogTensor.LogSumExp<float>(x, dimension: 0);
        Console.WriteLine($"{columns[0]:F4}, {columns[2]:F4}");                // 4.0486, 6.0486

        Tensor<float> all = LogTensor.SoftMax<float>(x, [0, 1]);               // over both dimensions together
        Console.WriteLine($"{all[1, 2]:F4}");                                  // 0.6337
        // </example>
        CompareOutput();
    }
}
