namespace LogDomain.Attention;

/// <summary>A value for each score, [batch, head, query, key] with the last dimension fastest. A dimension of 1 stands for all of that dimension (broadcasting).</summary>
/// <typeparam name="T">bool for masks, float for biases.</typeparam>
/// <param name="Values">Batch x Heads x Queries x Keys values.</param>
/// <param name="Batch">1, or as many as there are sequences.</param>
/// <param name="Heads">1, or as many as there are query heads.</param>
/// <param name="Queries">1, or as many as there are queries.</param>
/// <param name="Keys">1, or as many as there are keys.</param>
public readonly record struct ScoreGrid<T>(ReadOnlyMemory<T> Values, int Batch, int Heads, int Queries, int Keys)
    where T : unmanaged
{
    internal void Check(in AttentionShape shape, string name, string parameter = "options")
    {
        CheckDimension(Batch, shape.Batch, name, nameof(Batch));
        CheckDimension(Heads, shape.Heads, name, nameof(Heads));
        CheckDimension(Queries, shape.QueryLength, name, nameof(Queries));
        CheckDimension(Keys, shape.KeyLength, name, nameof(Keys));
        long needed = (long)Batch * Heads * Queries * Keys;
        if (Values.Length != needed)
        {
            throw new ArgumentException($"{name}.Values has {Values.Length} elements, but {needed} were expected.", parameter);
        }
    }

    private static void CheckDimension(int size, int expected, string name, string dimension, string parameter = "options")
    {
        if (size != 1 && size != expected)
        {
            throw new ArgumentException($"{name}.{dimension} is {size}, but 1 or {expected} was expected.", parameter);
        }
    }
}
