export const nothing = 'no function here';
