using System.Numerics;
using LogDomain.Attention;

namespace LogDomain.Tests.Attention;

/// <summary>Queries, keys and values, and what the tests say about shapes.</summary>
internal sealed class AttentionInputs<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public AttentionInputs(in AttentionShape shape, int seed, double spread = 1)
    {
        Shape = shape;
        Random random = new(seed);
        Query = Numbers(random, shape.Batch * shape.Heads * shape.QueryLength * shape.HeadSize, spread);
        Key = Numbers(random, shape.Batch * shape.KeyValueHeads * shape.KeyLength * shape.HeadSize, spread);
        Value = Numbers(random, shape.Batch * shape.KeyValueHeads * shape.KeyLength * shape.ValueSize, 1);
        OutputGradient = Numbers(random, OutputLength, 1);
        LogSumExpGradient = [.. Numbers(random, Rows, 1).Select(x => float.CreateTruncating(x))];
    }

    public AttentionShape Shape { get; }

    public T[] Query { get; }

    public T[] Key { get; }

    public T[] Value { get; }

    public T[] OutputGradient { get; }

    public float[] LogSumExpGradient { get; }

    public int Rows => Shape.Batch * Shape.Heads * Shape.QueryLength;

    public int OutputLength => Rows * Shape.ValueSize;

    public AttentionReference Reference(AttentionOptions? options = null, IAttentionScore? score = null) => new(Doubles(Query), Doubles(Key), Doubles(Value), Shape, options, score);

    public (T[] Output, float[] LogSumExp) Forward(AttentionOptions? options = null)
    {
        T[] output = new T[OutputLength];
        float[] logSumExp = new float[Rows];
        ScaledDotProductAttention.Forward<T>(Query, Key, Value, output, logSumExp, Shape, options);
        return (output, logSumExp);
    }

    public (T[] Query, T[] Key, T[] Value) Backward(AttentionOptions? options = null)
    {
        (T[] output, float[] logSumExp) = Forward(options);
        T[] query = new T[Query.Length], key = new T[Key.Length], value = new T[Value.Length];
        ScaledDotProductAttention.Backward<T>(Query, Key, Value, output, logSumExp, OutputGradient, LogSumExpGradient, query, key, value, Shape, options);
        return (query, key, value);
    }

    public static double[] Doubles(T[] values) => [.. values.Select(x => double.CreateTruncating(x))];

    private static T[] Numbers(Random random, int count, double spread)
    {
        T[] numbers = new T[count];
        for (int i = 0; i < count; i++)
        {
            double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            numbers[i] = T.CreateTruncating(normal * spread);
        }

        return numbers;
    }
}
