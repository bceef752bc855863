namespace LogDomain.Attention;

/// <summary>
/// Sizes of the arguments of attention. Arrays are dense, [batch, head, position, feature], the last dimension fastest: the query has Batch x Heads x QueryLength x HeadSize elements, the key
/// Batch x KeyValueHeads x KeyLength x HeadSize, the value Batch x KeyValueHeads x KeyLength x ValueSize, the output Batch x Heads x QueryLength x ValueSize, the log-sum-exp Batch x Heads x QueryLength.
/// </summary>
/// <param name="Batch">Sequences, which do not see each other.</param>
/// <param name="Heads">Heads of the query and of the output.</param>
/// <param name="KeyValueHeads">
/// Heads of keys and values, a divisor of <paramref name="Heads"/>: head h uses number <c>h / (Heads / KeyValueHeads)</c>. The same as <paramref name="Heads"/> for plain, 1 for multi-query attention, and in between
/// grouped-query attention (Ainslie et al. 2023).
/// </param>
/// <param name="QueryLength">Queries of a head.</param>
/// <param name="KeyLength">Keys of a head.</param>
/// <param name="HeadSize">Numbers of a query and of a key.</param>
/// <param name="ValueSize">Numbers of a value and of an output.</param>
public readonly record struct AttentionShape(int Batch, int Heads, int KeyValueHeads, int QueryLength, int KeyLength, int HeadSize, int ValueSize)
{
    internal int Group => Heads / KeyValueHeads;

    internal void Check(string parameter = "shape")
    {
        CheckSize(Batch, nameof(Batch), 0);
        CheckSize(Heads, nameof(Heads), 1);
        CheckSize(KeyValueHeads, nameof(KeyValueHeads), 1);
        CheckSize(QueryLength, nameof(QueryLength), 0);
        CheckSize(KeyLength, nameof(KeyLength), 0);
        CheckSize(HeadSize, nameof(HeadSize), 1);
        CheckSize(ValueSize, nameof(ValueSize), 1);
        if (Heads % KeyValueHeads != 0)
        {
            throw new ArgumentException($"KeyValueHeads is {KeyValueHeads}, but a divisor of Heads, which is {Heads}, was expected.", parameter);
        }
    }

    private static void CheckSize(int size, string name, int least, string parameter = "shape")
    {
        if (size < least)
        {
            throw new ArgumentOutOfRangeException(parameter, size, $"{name} is {size}, but at least {least} was expected.");
        }
    }
}
